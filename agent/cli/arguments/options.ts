import { Command, InvalidArgumentError, Option } from 'commander'
import { parseRfc3339 } from '../../../base/clock.ts'

/**
 * The environment variable for the configuration file; the installed program sets it, and `--config` takes precedence.
 */
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

/** A command that reads the configuration and can answer a machine. */
export function commonCommand(name: string, description: string): Command {
  return new Command(name).description(description).addOption(configOption()).addOption(jsonOption())
}

/** For scripts: skips the confirmation of an irreversible command. */
export function yesOption(): Option {
  return new Option('--yes', 'for scripts: it is meant, ask nothing')
}

/** `--reason TEXT`: required, because the journal records it. */
export function reasonOption(description: string, charactersMax: number): Option {
  const reason = (text: string): string => {
    const given = text.trim()
    if (given === '' || given.length > charactersMax)
      throw new InvalidArgumentError(`1 to ${charactersMax} characters are wanted.`)
    return given
  }
  return new Option('--reason <text>', description).argParser(reason).makeOptionMandatory()
}

/** Parses a number argument. */
export function count(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('A whole number from 1 is wanted.')
  return value
}

/** Parses a number argument from 0 to `largest`. */
export function numberTo(largest: number): (text: string) => number {
  return (text) => {
    const isShort = text.length <= String(largest).length
    if (isShort && /^\d+$/.test(text) && Number(text) <= largest) return Number(text)
    throw new InvalidArgumentError(`A number from 0 to ${largest} is wanted.`)
  }
}

/** Parses a time argument. */
export function moment(text: string): string {
  if (parseRfc3339(text) !== undefined) return text
  throw new InvalidArgumentError('A time as 2026-11-27T10:00:00+01:00 is wanted.')
}

/** Parses a UUID argument. */
export function uuid(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text
  throw new InvalidArgumentError('A UUID in lower case is wanted.')
}

/** The command line cannot be executed; the message says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'usage'
}

export type Common = { config?: string; json?: boolean }
