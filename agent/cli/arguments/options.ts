import { InvalidArgumentError, Option } from 'commander'

/** Names the configuration where no option does; the installed program sets it. */
const CONFIG_VARIABLE = 'FISKAL_EDGE_CONFIG'

/** `--config F`, the same for every command that needs the state directory or the devices. */
export function configOption(): Option {
  return new Option('--config <file>', 'configuration (default: ./agent.json, else the embedded default)').env(
    CONFIG_VARIABLE,
  )
}

export function jsonOption(): Option {
  return new Option('--json', 'for machines: JSON on standard output, nothing else')
}

/** Leaves out the question of what cannot be taken back. */
export function yesOption(): Option {
  return new Option('--yes', 'for scripts: it is meant, ask nothing')
}

/** `--reason TEXT`, without which the command does nothing: it is journalled. */
export function reasonOption(description: string, charactersMax: number): Option {
  const reason = (text: string): string => {
    const given = text.trim()
    if (given === '' || given.length > charactersMax)
      throw new InvalidArgumentError(`1 to ${charactersMax} characters are wanted.`)
    return given
  }
  return new Option('--reason <text>', description).argParser(reason).makeOptionMandatory()
}

/** The number that an argument is. */
export function count(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('A whole number from 1 is wanted.')
  return value
}

/** The UUID that an argument is. */
export function uuid(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text
  throw new InvalidArgumentError('A UUID in lower case is wanted.')
}

/** The command line asks for what cannot be done; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'usage'
}

export type Common = { config?: string; json?: boolean }
