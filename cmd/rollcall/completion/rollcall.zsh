#compdef rollcall
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
_rollcall() {
  local -a completions
  completions=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${completions[1]}" ]]; then
    compadd -a completions
  else
    _files
  fi
}
compdef _rollcall rollcall
