_rollcall() {
  COMPREPLY=()
  local completion
  while IFS= read -r completion; do
    COMPREPLY+=("$completion")
  done < <("${COMP_WORDS[0]}" __complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _rollcall rollcall
