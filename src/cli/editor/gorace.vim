" Vim compiler plugin for gorace: put it into ~/.vim/compiler/gorace.vim, then
"   :compiler gorace
"   :make .
if exists("current_compiler")
  finish
endif
let current_compiler = "gorace"

CompilerSet makeprg=gorace\ check\ --format\ short\ $*
CompilerSet errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%f:%l:%c:\ %tote:\ %m,%-G%.%#
