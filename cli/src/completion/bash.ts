/** The completion script for bash. */

import type { CommandNode } from './tree.js'

/** Walks the typed words down the tree, passing over the values of options, then offers what fits there. */
export function bashCompletion(tree: readonly CommandNode[]): string {
  return `# bash completion for idsctl; load it with: source <(idsctl completion bash)
_idsctl() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path='' expect='' word='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [[ $word == '=' ]] && continue
    if [[ -n $expect ]]; then
      expect=''
      continue
    fi
    case "$path|$word" in
${tree.flatMap(steps).join('\n')}
    esac
  done
  [[ $cur == '=' ]] && cur=''
  if [[ -n $expect ]]; then
    case "$path|$expect" in
${tree.flatMap(values).join('\n')}
    esac
    return
  fi
  local words='' options='' paths=''
  case "$path" in
${tree.map(offers).join('\n')}
  esac
  if [[ $cur == -* ]]; then words="$options"; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if [[ -n $paths && $cur != -* ]]; then COMPREPLY+=($(compgen -f -- "$cur")); fi
}
complete -F _idsctl idsctl
`
}

function steps({ path, commands, options }: CommandNode): string[] {
  const down = commands
    .filter(({ name }) => name !== 'help')
    .map(({ name }) => `      '${path}|${name}') path='${path === '' ? name : `${path} ${name}`}' ;;`)
  const flags = options.filter(({ takesValue }) => takesValue).flatMap((option) => option.flags)
  return flags.length === 0 ? down : [...down, `      ${pattern(path, flags)}) expect="$word" ;;`]
}

function values({ path, options }: CommandNode): string[] {
  return options
    .filter(({ takesPath, choices }) => takesPath || choices.length > 0)
    .map(({ flags, takesPath, choices }) => {
      const offer = takesPath ? 'compgen -f' : `compgen -W '${choices.join(' ')}'`
      return `      ${pattern(path, flags)}) COMPREPLY=($(${offer} -- "$cur")) ;;`
    })
}

function offers({ path, commands, choices, takesPaths, options }: CommandNode): string {
  const words = [...commands.map(({ name }) => name), ...choices]
  const flags = options.flatMap((option) => option.flags)
  return `    '${path}') words='${words.join(' ')}' options='${flags.join(' ')}'${takesPaths ? ' paths=1' : ''} ;;`
}

function pattern(path: string, flags: readonly string[]): string {
  return flags.map((flag) => `'${path}|${flag}'`).join(' | ')
}
