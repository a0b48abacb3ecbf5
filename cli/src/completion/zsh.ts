/** The completion script for zsh. */

import type { CommandNode } from './tree.js'

/** Walks the typed words down the tree, passing over the values of options, then offers what fits, described. */
export function zshCompletion(tree: readonly CommandNode[]): string {
  return `#compdef idsctl
# zsh completion for idsctl; put it as _idsctl into a folder of $fpath
_idsctl() {
  local at='' expect='' word='' paths='' i
  local -a commands options
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    if [[ -n $expect ]]; then
      expect=''
      continue
    fi
    case "$at|$word" in
${tree.flatMap(steps).join('\n')}
    esac
  done
  if [[ -n $expect ]]; then
    case "$at|$expect" in
${tree.flatMap(values).join('\n')}
      (*) _message 'value' ;;
    esac
    return
  fi
  case "$at" in
${tree.map(offers).join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe -t options 'option' options
  elif (( \${#commands} > 0 )); then
    _describe -t commands 'command' commands
  elif [[ -n $paths ]]; then
    _files
  fi
}
if [[ "\${funcstack[1]}" == '_idsctl' ]]; then
  _idsctl "$@"
else
  compdef _idsctl idsctl
fi
`
}

function steps({ path, commands, options }: CommandNode): string[] {
  const down = commands
    .filter(({ name }) => name !== 'help')
    .map(({ name }) => `      ('${path}|${name}') at='${path === '' ? name : `${path} ${name}`}' ;;`)
  const flags = options.filter(({ takesValue }) => takesValue).flatMap((option) => option.flags)
  return flags.length === 0 ? down : [...down, `      (${pattern(path, flags)}) expect="$word" ;;`]
}

function values({ path, options }: CommandNode): string[] {
  return options
    .filter(({ takesPath, choices }) => takesPath || choices.length > 0)
    .map(({ flags, takesPath, choices }) => {
      const offer = takesPath ? '_files' : `compadd -- ${choices.join(' ')}`
      return `      (${pattern(path, flags)}) ${offer} ;;`
    })
}

function offers({ path, commands, choices, takesPaths, options }: CommandNode): string {
  const words = [
    ...commands.map(({ name, description }) => described(name, description)),
    ...choices.map(quoted),
  ]
  const flags = options.flatMap((option) => option.flags.map((flag) => described(flag, option.description)))
  return `    ('${path}') commands=(${words.join(' ')}) options=(${flags.join(' ')})${takesPaths ? ' paths=1' : ''} ;;`
}

function described(name: string, description: string): string {
  return quoted(`${name.replaceAll(':', '\\:')}:${description.replaceAll(':', '\\:')}`)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function pattern(path: string, flags: readonly string[]): string {
  return flags.map((flag) => `'${path}|${flag}'`).join('|')
}
