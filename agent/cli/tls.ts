import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { replaceConcurrently } from '../../base/durable-file.ts'
import type { Config } from '../agent-config.ts'
import { readConfig } from '../agent-config.ts'
import { makeFolder } from '../state/state-directory.ts'
import type { Common } from './arguments/options.ts'
import { configOption, jsonOption, UsageError } from './arguments/options.ts'
import { fileToWrite } from './files/file-to-write.ts'
import { enterState } from './owner/owner.ts'
import { withStateTasks } from './owner/state-tasks.ts'
import { print, printJson } from './terminal/output.ts'

const NAMES_WANTED =
  'Name in "tls.names" of the configuration under what tills call, such as ["till.shop.example", "192.168.1.10"]: the authority signs these alone.'

export function tlsCommand(): Command {
  return new Command('tls')
    .description('certificates for tills on the network, of an authority of this shop')
    .addCommand(initCommand())
    .addCommand(renewCommand())
    .addCommand(issueCommand())
}

function initCommand(): Command {
  return new Command('init')
    .description("makes the shop's authority where there is none, and says what terminals must trust")
    .option('--out <file>', 'a copy of its certificate, for the terminals', fileToWrite)
    .option('--new', 'another authority in the place of the present one: every terminal has to trust it anew')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Common & { out?: string; new?: boolean }) => {
      const { config } = readConfig(options.config)
      const names = namesOf(config)
      const { certificate, fingerprint, permitted, refused, worthless, ...made } = await withStateTasks(
        config.state,
        (tasks) => tasks.initAuthority(options.new === true, names),
      )
      demandPermitted(refused)
      const file = options.out ?? made.file
      if (options.out !== undefined) replaceConcurrently(file, certificate, 0o644)
      if (options.json)
        return printJson({ file, fingerprint, names, terminals: worthless.map(({ register }) => register) })
      print(`certificate of the authority  ${file}`)
      print(`SHA-256 fingerprint           ${fingerprint}`)
      print(`names that it signs           ${permitted.join(', ')}`)
      print('Let each terminal trust it, after comparing the fingerprint. Its key stays sealed in the state directory.')
      for (const { register, file } of worthless)
        print(`Its terminal needs another: fiskal-edge tls issue ${register} --out FOLDER; if it is gone: rm ${file}`)
    })
}

function renewCommand(): Command {
  return new Command('renew')
    .description('a new key and certificate for the agent now; it does so by itself 60 days before the end')
    .addOption(configOption())
    .action(async (options: Common) => {
      const config = enterState(options.config)
      const { names = [], certFile } = config.tls ?? {}
      if (certFile !== undefined) throw new UsageError(`The agent serves ${certFile}: renew it where it comes from.`)
      if (names.length === 0) throw new UsageError(NAMES_WANTED)
      const { ShopAuthority } = await import('../tls/shop-authority.ts')
      const authority = new ShopAuthority(config.state, () => systemClock.now(), names)
      demandPermitted(authority.refusedNames())
      authority.renewServer()
      print(`A certificate for ${names.join(', ')}. A running agent serves it within a minute.`)
    })
}

function issueCommand(): Command {
  return new Command('issue')
    .description('key and certificate for the terminal of a register; that terminal then takes no other key')
    .argument('<register>', 'register id', registerId)
    .requiredOption('--out <folder>', 'where to write them, with the certificate of the authority')
    .addOption(configOption())
    .action(async (register: string, options: Common & { out: string }) => {
      const { config } = readConfig(options.config)
      const issued = await withStateTasks(config.state, (tasks) => tasks.issueTerminal(register, namesOf(config)))
      if (issued === undefined)
        throw new UsageError(
          `There is no register ${register} here: "fiskal-edge tls issue" wants the id that POST /v1/registers answered.`,
        )
      const { key, cert, authority } = issued
      const folder = resolve(options.out)
      makeFolder(folder)
      // Each is a new file: one that is there already may be another user's, or for all to read.
      replaceConcurrently(join(folder, `${register}.key`), key, 0o600)
      replaceConcurrently(join(folder, `${register}.crt`), cert, 0o600)
      replaceConcurrently(join(folder, 'ca.crt'), authority, 0o644)
      print(`${join(folder, `${register}.crt`)} and .key, with ca.crt. The key is kept nowhere else.`)
      const asked = config.tls?.clientCertificates ?? 'off'
      if (asked === 'off') print('They are asked for with "tls": { "clientCertificates": "optional" } or "required".')
    })
}

/** Throws UsageError: an authority that was made without them would have to be made, and trusted, a second time. */
function namesOf({ tls }: Config): readonly string[] {
  if (tls === undefined) throw new UsageError(NAMES_WANTED)
  return tls.names
}

function demandPermitted(refused: readonly string[]): void {
  if (refused.length === 0) return
  throw new UsageError(
    `The shop's authority does not permit ${refused.join(', ')}: terminals would refuse its certificate. "fiskal-edge tls init --new" makes an authority for the names of today; each terminal has to trust it anew.`,
  )
}

function registerId(text: string): string {
  if (!/^reg_[0-9A-Za-z]+$/.test(text)) throw new InvalidArgumentError('An id such as reg_01… is wanted.')
  return text
}
