# Prints a Makefile's targets: `##@ group` begins a group, and `target: ## help`
# is a target's line in it.
BEGIN {
	bold = colour ? "\033[1m" : ""
	cyan = colour ? "\033[36m" : ""
	off = colour ? "\033[0m" : ""
	print "make TARGET"
}
/^##@ ./ { printf "\n%s%s%s\n", bold, substr($0, 5), off }
/^[a-z_-]+:.*## / {
	target = $0
	sub(/:.*/, "", target)
	help = $0
	sub(/^.*## /, "", help)
	printf "  %s%-14s%s %s\n", cyan, target, off, help
}
