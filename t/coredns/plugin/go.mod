module github.com/cybercinch/coredns_mysql_extend

go 1.19

require (
	github.com/coredns/caddy v1.1.1
	github.com/coredns/coredns v1.10.1
	github.com/go-sql-driver/mysql v1.7.0
	github.com/miekg/dns v1.1.52
)
