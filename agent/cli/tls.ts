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
  'List the names and addresses that tills call in "tls.names" of the configuration, such as ["till.shop.example", "192.168.1.10"]: the authority signs no others.'

export function tlsCommand(): Command {
  return new Command('tls')
    .description('certificates for tills on the network, from a certificate authority of this shop')
    .addCommand(initCommand())
    .addCommand(renewCommand())
    .addCommand(issueCommand())
}

function initCommand(): Command {
  return new Command('init')
    .description("create the shop's authority if it does not exist, and print what terminals must trust")
    .option('--out <file>', 'copy its certificate to this file, for the terminals', fileToWrite)
    .option('--new', 'replace the authority: every terminal has to trust the new one')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: Common & { out?: string; new?: boolean }) => {
      const { config } = readConfig(options.config)
      const names = namesOf(config)
      const { certificate, fingerprint, permitted, refused, worthless, ...authority } = await withStateTasks(
        config.state,
        (tasks) => tasks.initAuthority(options.new === true, names),
      )
      demandPermitted(refused)
      const file = options.out ?? authority.file
      if (options.out !== undefined) replaceConcurrently(file, certificate, 0o644)
      if (options.json)
        return printJson({ file, fingerprint, names, terminals: worthless.map(({ register }) => register) })
      print(`certificate of the authority  ${file}`)
      print(`SHA-256 fingerprint           ${fingerprint}`)
      print(`names that it signs           ${permitted.join(', ')}`)
      print(
        'Let each terminal trust it, after comparing the fingerprint. Its key stays encrypted in the state directory.',
      )
      for (const { register, file } of worthless)
        print(
          `The terminal of ${register} needs another certificate: fiskal-edge tls issue ${register} --out FOLDER; if the terminal is no longer used: rm ${file}`,
        )
    })
}

function renewCommand(): Command {
  return new Command('renew')
    .description('create a new key and certificate for the agent now; it does so itself 60 days before expiry')
    .addOption(configOption())
    .action(async (options: Common) => {
      const config = enterState(options.config)
      const { names = [], certFile } = config.tls ?? {}
      if (certFile !== undefined)
        throw new UsageError(`The agent uses the certificate ${certFile}: renew it with its own authority.`)
      if (names.length === 0) throw new UsageError(NAMES_WANTED)
      const { ShopAuthority } = await import('../tls/shop-authority.ts')
      const authority = new ShopAuthority(config.state, () => systemClock.now(), names)
      demandPermitted(authority.refusedNames())
      authority.renewServer()
      print(`A certificate for ${names.join(', ')}. A running agent uses it within a minute.`)
    })
}

function issueCommand(): Command {
  return new Command('issue')
    .description(
      "create key and certificate for the terminal of a register; its connections open no other register's key",
    )
    .argument('<register>', 'register id', registerId)
    .requiredOption('--out <folder>', 'folder for both and the certificate of the authority')
    .addOption(configOption())
    .action(async (register: string, options: Common & { out: string }) => {
      const { config } = readConfig(options.config)
      const issued = await withStateTasks(config.state, (tasks) => tasks.issueTerminal(register, namesOf(config)))
      if (issued === undefined)
        throw new UsageError(
          `There is no register ${register} here: "fiskal-edge tls issue" needs the id that POST /v1/registers returned.`,
        )
      const { key, cert, authority } = issued
      const folder = resolve(options.out)
      makeFolder(folder)
      // Each file is created new: an existing one may belong to another user or be readable by all.
      replaceConcurrently(join(folder, `${register}.key`), key, 0o600)
      replaceConcurrently(join(folder, `${register}.crt`), cert, 0o600)
      replaceConcurrently(join(folder, 'ca.crt'), authority, 0o644)
      print(`${join(folder, `${register}.crt`)} and .key, with ca.crt. There is no other copy of the key.`)
      const asked = config.tls?.clientCertificates ?? 'off'
      if (asked === 'off')
        print('The agent requests them with "tls": { "clientCertificates": "optional" } or "required".')
    })
}

/** Throws UsageError without TLS names: an authority without names would have to be replaced, and trusted, a second time. */
function namesOf({ tls }: Config): readonly string[] {
  if (tls === undefined) throw new UsageError(NAMES_WANTED)
  return tls.names
}

function demandPermitted(refused: readonly string[]): void {
  if (refused.length === 0) return
  throw new UsageError(
    `The shop's authority does not permit ${refused.join(', ')}: terminals would refuse its certificate. "fiskal-edge tls init --new" creates an authority for the present names; each terminal has to trust it again.`,
  )
}

function registerId(text: string): string {
  if (!/^reg_[0-9A-Za-z]+$/.test(text)) throw new InvalidArgumentError('An id such as reg_01… is required.')
  return text
}
