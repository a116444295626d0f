;; gorace in Emacs: put it into the init file, then M-x compile RET gorace check --format short . RET
(with-eval-after-load 'compile
  (add-to-list 'compilation-error-regexp-alist-alist
               '(gorace
                 "^\\([^:\n]+\\):\\([0-9]+\\):\\([0-9]+\\): \\(?:error\\|\\(warning\\)\\|\\(note\\)\\): "
                 1 2 3 (4 . 5)))
  (add-to-list 'compilation-error-regexp-alist 'gorace))
