#include <cblas.h>

// LAPACK's Cholesky factorisation, which OpenBLAS contains and whose header is another package.
int spotrf_(char *uplo, int *n, float *a, int *lda, int *info);
