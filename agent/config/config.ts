import type { Stats } from 'node:fs'
import { closeSync, existsSync, lstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { SecretInvalidError, secretIn } from '../../base/secret-file.ts'
import type { LawKeys, ValuesOf } from '../../base/settings/law-settings.ts'
import { codeOf } from '../../base/thrown.ts'
import { lineOf, parseJsonc } from './jsonc.ts'
import { keyPath } from './key-path.ts'
import type { NamedFile } from './named-files.ts'
import { namedFiles } from './named-files.ts'
import { configSchema } from './schema.ts'

/** The agent's configuration without the keys of laws: defaults filled in, every path absolute. */
export type Config = z.output<ReturnType<typeof configSchema>>
export type DeviceConfig = Config['devices'][number]

export type ConfigFile<Whole extends Config = Config> = {
  config: Whole
  /** The file that was read; undefined for the embedded default. */
  file: string | undefined
  /** Settings that work but need attention: secrets that others may read, an unknown taxonomy version. */
  warnings: readonly string[]
  /** Secrets that no command or device gets: they are not UTF-8, or have more than one line. */
  invalidSecrets: readonly string[]
}

/** The file cannot be used. `problems` names each key by its path, one sentence each, never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code: 'config_invalid' | 'permission_denied' | 'config_of_another'
  readonly file: string
  readonly problems: readonly string[]

  constructor(file: string, problems: readonly string[], code: ConfigError['code'] = 'config_invalid') {
    super(`${file}: ${problems.join('; ')}`)
    this.file = file
    this.problems = problems
    this.code = code
  }
}

/** The configuration folder of the service: only root, or a user to whom root gave it, writes there. */
const SERVICE_FOLDER = '/etc/fiskal-edge'
const FILE_LIMIT_BYTES = 1024 * 1024
const PROBLEM_LIMIT = 20
const NOT_UTF8 = 'is not saved as UTF-8'

/**
 * Reads and checks a configuration file: JSON with comments and trailing commas. Without a name it is `agent.json` of
 * the working directory, else the embedded default; root refuses a file of another user there. Throws {@link
 * ConfigError}.
 */
export function readConfig<Keys extends LawKeys>(
  name: string | undefined,
  keys: Keys,
): ConfigFile<Config & ValuesOf<Keys>> {
  const file = resolve(name ?? 'agent.json')
  if (name === undefined && !existsSync(file)) return embeddedDefault(keys)
  if (name === undefined) demandOwn(file)
  const config = parseConfig(file, readConfigText(file), keys)
  const secrets = namedFiles(config, keys).filter(({ content }) => content !== 'certificate')
  return {
    config,
    file,
    warnings: [...secrets.flatMap(secretWarnings), ...activityWarnings(config), ...lawWarnings(config, keys)],
    invalidSecrets: secrets.flatMap(invalidSecret),
  }
}

/** Root must not run commands in a folder of another user with the configuration of that user. Throws {@link ConfigError}. */
export function demandOwn(file: string): void {
  if (!isRoot() || dirname(file) === SERVICE_FOLDER) return
  for (const path of [dirname(file), file]) {
    const { uid } = lstatSync(path)
    if (uid === 0) continue
    const problem = `${path} belongs to user ${uid}, who decides what root reads there; if you trust it, name it: --config ${file}`
    throw new ConfigError(file, [problem], 'config_of_another')
  }
}

function isRoot(): boolean {
  try {
    return userInfo().uid === 0
  } catch {
    // A user id without an account, as in containers.
    return false
  }
}

/** A TSE simulator on the default address, state in `./state`. */
function embeddedDefault<Keys extends LawKeys>(keys: Keys): ConfigFile<Config & ValuesOf<Keys>> {
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  return {
    config: checkConfig('embedded default', { version: 1, state: 'state', listen: {}, devices }, resolve('.'), keys),
    file: undefined,
    warnings: [],
    invalidSecrets: [],
  }
}

/** The text of a configuration file, at most 1 MiB. Throws {@link ConfigError}. */
export function readConfigText(file: string): string {
  try {
    const bytes = firstBytesOf(file, FILE_LIMIT_BYTES + 1)
    if (bytes.length > FILE_LIMIT_BYTES) throw new ConfigError(file, ['larger than 1 MiB'])
    // Editors of Windows write a byte order mark (U+FEFF), which the decoder drops.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    if (error instanceof TypeError) throw new ConfigError(file, [NOT_UTF8])
    const code = codeOf(error) ?? 'unknown error'
    if (code === 'EACCES' || code === 'EPERM')
      throw new ConfigError(file, ['may not be read by this user: repeat with sudo'], 'permission_denied')
    throw new ConfigError(file, [`cannot be read (${code})`])
  }
}

/** A pipe or device has no size before it is read, and may have no end. */
function firstBytesOf(file: string, most: number): Uint8Array {
  const fd = openSync(file, 'r')
  try {
    const bytes = Buffer.allocUnsafe(most)
    let length = 0
    for (let read = 1; read > 0 && length < most; length += read)
      read = readSync(fd, bytes, length, most - length, null)
    return bytes.subarray(0, length)
  } finally {
    closeSync(fd)
  }
}

/** Checks the text of a configuration file; `file` names it and is where relative paths start. Throws {@link ConfigError}. */
export function parseConfig<Keys extends LawKeys>(file: string, text: string, keys: Keys): Config & ValuesOf<Keys> {
  const value = parseConfigText(file, text)
  const placeOf = (path: readonly PropertyKey[]): string => {
    const [key = ''] = path
    const line = keys[String(key)]?.namesLines === true ? lineOf(text, path) : undefined
    return line === undefined ? '' : `, line ${line}`
  }
  return checkedBy(configSchema(dirname(file), keys), file, value, placeOf) as Config & ValuesOf<Keys>
}

/** JSON with comments and trailing commas. Throws {@link ConfigError}, which does not quote the text. */
export function parseConfigText(file: string, text: string): unknown {
  const { value, wrongAt, twice } = parseJsonc(text)
  if (wrongAt !== undefined) throw new ConfigError(file, [whyNotJson(text, wrongAt)])
  if (twice.length === 0) return value
  throw new ConfigError(
    file,
    twice.slice(0, PROBLEM_LIMIT).map((path) => `${keyPath(path)}: given twice, and the last one alone would count`),
  )
}

/** Only the position: the text around the mistake may be a secret. */
function whyNotJson(text: string, at: number): string {
  if (text.trim() === '') return 'is empty: fiskal-edge config example kassensichv shows what belongs there'
  if (text.includes('\u0000')) return NOT_UTF8
  if (text.slice(at).trim() === '') return 'not JSON: it ends too early'
  const lines = text.slice(0, at).split('\n')
  return `not JSON, line ${lines.length} column ${(lines.at(-1)?.length ?? 0) + 1}`
}

/** Fills in the defaults of a configuration that is already an object. Throws {@link ConfigError}. */
export function checkConfig<Keys extends LawKeys>(
  file: string,
  value: unknown,
  directory: string,
  keys: Keys,
): Config & ValuesOf<Keys> {
  // The schema has a member for each of the keys.
  return checkedBy(configSchema(directory, keys), file, value) as Config & ValuesOf<Keys>
}

/** The value that the schema returns. Throws {@link ConfigError} that names each wrong key. */
export function checkedBy<Schema extends z.ZodType>(
  schema: Schema,
  file: string,
  value: unknown,
  placeOf: PlaceOf = () => '',
): z.output<Schema> {
  const parsed = schema.safeParse(value, { reportInput: true })
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.flatMap((issue) => sentences(issue, placeOf))
  const shown = problems.slice(0, PROBLEM_LIMIT)
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`)
  throw new ConfigError(file, shown)
}

/** Added to the path of a key: its line in the text. */
type PlaceOf = (path: readonly PropertyKey[]) => string

function sentences(issue: z.core.$ZodIssue, placeOf: PlaceOf): string[] {
  const inner = meantOption(issue)
  if (inner !== undefined) return inner.flatMap((problem) => sentences(problem, placeOf))
  const path = `${keyPath(issue.path)}${placeOf(issue.path)}`
  if (issue.code !== 'unrecognized_keys') {
    const missing = issue.code.startsWith('invalid_') && issue.code !== 'invalid_union' && issue.input === undefined
    const words = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message
    // Words of a key's own say what belongs there.
    const absent = words.startsWith('Invalid') ? 'is missing' : `is missing: ${words}`
    return [`${path === '' ? 'the file' : path}: ${missing ? absent : words}`]
  }
  return issue.message.split('\n').map((line) => (path === '' ? line : `${path}.${line}`))
}

/** A value may have several forms, of which one is an object: the problems of that form, if an object was given. */
function meantOption(issue: z.core.$ZodIssue): z.core.$ZodIssue[] | undefined {
  if (issue.code !== 'invalid_union') return undefined
  const option = issue.errors.find((problems) =>
    problems.some(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  )
  return option?.map((problem) => ({ ...problem, path: [...issue.path, ...problem.path] }))
}

function secretWarnings(named: NamedFile): string[] {
  const { key, path } = named
  const warnings: string[] = []
  const stats = seen(path)
  if (stats === 'hidden') return []
  if (stats === undefined) warnings.push(`${key}: ${path} does not exist`)
  else if (stats.isDirectory()) warnings.push(`${key}: ${path} is a folder: name the file in it`)
  else if ((stats.mode & 0o077) !== 0) warnings.push(`${key}: ${path} can be read by others, chmod 600 it`)
  const odd = oddity(named)
  if (odd !== undefined) warnings.push(`${key}: ${path} ${odd}`)
  return warnings
}

/** `hidden`: in a folder that this user may not enter; the unit passes the file on. */
function seen(file: string): Stats | 'hidden' | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false })
  } catch (error) {
    if (codeOf(error) === 'EACCES') return 'hidden'
    throw error
  }
}

function lawWarnings(config: Config, keys: LawKeys): string[] {
  return Object.entries(keys).flatMap(([key, { warnings }]) => [...(warnings?.(Reflect.get(config, key)) ?? [])])
}

/** A Custom printer has slots of activities (ATECO), and no page of its maker says which one a department has. */
function activityWarnings({ devices }: Config): string[] {
  return devices.flatMap((device, index) => {
    const codes =
      device.driver === 'rt-custom' ? Object.keys(device.departments).filter((key) => key.includes('/')) : []
    if (codes.length === 0) return []
    const words = `the agent selects no activity (ATECO) at a Custom printer. If they are of several, use a printer for each`
    return [`devices[${index}].departments: ${codes.join(', ')}: ${words}`]
  })
}

/** Blanks that an editor added cost a try of the PIN. */
function oddity({ path, content }: NamedFile): string | undefined {
  const secret = secretOf({ path, content })
  if (typeof secret !== 'string') return undefined
  if (secret === '') return 'is empty'
  if (content === 'pem' || secret === secret.trim()) return undefined
  return 'begins or ends with a blank: it counts'
}

function invalidSecret({ key, path, content }: NamedFile): string[] {
  const secret = secretOf({ path, content })
  return secret instanceof SecretInvalidError ? [`${key}: ${secret.message}`] : []
}

/** As its users read it; undefined if only root may read it: the unit passes its content on. */
function secretOf({ path, content }: Pick<NamedFile, 'path' | 'content'>): string | SecretInvalidError | undefined {
  try {
    const stats = seen(path)
    if (stats === undefined || stats === 'hidden' || !stats.isFile()) return undefined
    return secretIn(readFileSync(path), path, content === 'pem' ? 'lines' : 'line')
  } catch (error) {
    return error instanceof SecretInvalidError ? error : undefined
  }
}
