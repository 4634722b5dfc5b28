module clusterdrill.invalid/toolchain

go 1.24.0
