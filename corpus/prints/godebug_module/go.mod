module example.org/module

go 1.20

godebug (
	httpmuxgo121=0
)
