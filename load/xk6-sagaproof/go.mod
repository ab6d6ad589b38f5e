module sagaproof.load/xk6-sagaproof

go 1.26.0

require go.k6.io/k6 v1.8.0

// Only for the compile check in this repository: a build with xk6 ignores it and takes k6 itself.
replace go.k6.io/k6 => ./k6stub
