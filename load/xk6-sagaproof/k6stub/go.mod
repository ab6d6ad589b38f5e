module go.k6.io/k6

go 1.26.0
