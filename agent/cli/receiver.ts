import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { StreamIngestOptions } from '../../sync/receiver/ingest.ts'
import type { Identity, Store } from '../../sync/receiver/store.ts'
import { systemClock } from '../clock.ts'
import type { ReceiverConfig } from '../config-receiver.ts'
import { ONE_TENANT, readReceiverConfig } from '../config-receiver.ts'
import { openLog, readableLines, standardError } from '../log.ts'
import type { Common } from './options.ts'
import { jsonOption } from './options.ts'
import { openConfiguredStore, readSecret } from './receiver-store.ts'
import { print, printJson, styled } from './terminal.ts'

export function receiverCommand(): Command {
  return new Command('receiver')
    .description('the reference cloud end that journals are replayed to')
    .addCommand(runCommand())
    .addCommand(tokenCommand())
    .addCommand(prepareCommand())
}

function receiverConfigOption(): Option {
  return new Option('--config <file>', 'configuration (default: ./receiver.json, else SQLite in ./receiver)')
}

function runCommand(): Command {
  return new Command('run')
    .description('takes and verifies journals, in the foreground')
    .addOption(receiverConfigOption())
    .action((options: Common) => run(readReceiverConfig(options.config)))
}

async function run(config: ReceiverConfig): Promise<void> {
  const destination = standardError()
  const isTerminal = process.stderr.isTTY
  const log = openLog(config.log.level, isTerminal ? readableLines((text) => process.stderr.write(text)) : destination)
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
  })
  const { openReceiver } = await import('../../sync/receiver/open-receiver.ts')
  const store = await openConfiguredStore(config, log)
  try {
    const { listen } = config
    const tls = config.tls && {
      cert: await readFile(config.tls.certFile, 'utf8'),
      key: await readFile(config.tls.keyFile, 'utf8'),
    }
    const streams = await Promise.all(config.streams.map(ingestOf))
    const receiver = await openReceiver({ store, listen, ...(tls && { tls }), streams, clock: systemClock, log })
    print(`fiskal-edge receiver is ready at ${receiver.url} (pid ${process.pid})`)
    await stopped
    await receiver.close()
  } finally {
    await store.close()
    destination.flushSync()
  }
}

async function ingestOf({
  credsFile,
  tenants,
  ...stream
}: ReceiverConfig['streams'][number]): Promise<StreamIngestOptions> {
  const creds = credsFile === undefined ? {} : { creds: await readFile(credsFile) }
  return { ...stream, ...creds, tenantOf: (token) => (Object.hasOwn(tenants, token) ? tenants[token] : undefined) }
}

function tokenCommand(): Command {
  const agent = new Command('agent')
    .description('for one agent: brings its own journals')
    .argument('<agent>', 'agent id, as `fiskal-edge doctor` of the shop shows it', uuid)
  const office = new Command('office').description('for a head office: reads the journals of its shops')
  for (const command of [agent, office]) {
    command
      .option('--tenant <id>', 'whose shops they are', uuid, ONE_TENANT)
      .addOption(receiverConfigOption())
      .addOption(jsonOption())
  }
  agent.action((agentId: string, options: TokenOptions) =>
    issue(options, { kind: 'agent', tenantId: options.tenant, agentId }),
  )
  office.action((options: TokenOptions) => issue(options, { kind: 'office', tenantId: options.tenant }))
  const revoke = new Command('revoke')
    .description('makes a token invalid at once')
    .argument('<id>', 'id of the token, not the token itself')
    .addOption(receiverConfigOption())
    .addOption(jsonOption())
    .action(async (id: string, options: Common) => {
      await withStore(options, (store) => store.revokeToken(id))
      if (options.json) printJson({ id, revoked: true })
      else print(`${id} is revoked.`)
    })
  return new Command('token')
    .description('tokens of the receiver; two may be valid while one is exchanged')
    .addCommand(agent)
    .addCommand(office)
    .addCommand(revoke)
}

type TokenOptions = Common & { tenant: string }

async function issue(options: TokenOptions, identity: Identity): Promise<void> {
  const { issueToken } = await import('../../sync/receiver/tokens.ts')
  const { id, token } = await withStore(options, (store) => issueToken(store, identity))
  if (options.json) return printJson({ id, kind: identity.kind, token })
  print(`${styled('dim', 'id   ')}  ${id}`)
  print(`${styled('dim', 'token')}  ${styled('bold', token)}`)
  print('It is shown this once: only its hash is kept.')
}

async function withStore<Result>(options: Common, work: (store: Store) => Promise<Result>): Promise<Result> {
  const log = openLog('error', { write: (line) => process.stderr.write(line) })
  const store = await openConfiguredStore(readReceiverConfig(options.config), log)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

function prepareCommand(): Command {
  return new Command('prepare')
    .description('makes tables, partitions and rights in PostgreSQL; may run again at any time')
    .requiredOption('--owner-file <file>', 'connection string of the owner of the database')
    .requiredOption('--role <role>', 'the existing role that the receiver connects with; not the owner')
    .action(async ({ ownerFile, role }: { ownerFile: string; role: string }) => {
      const { preparePostgres } = await import('../../sync/receiver/postgres-schema.ts')
      await preparePostgres({ owner: await readSecret(ownerFile), role })
      print('The database is ready.')
    })
}

function uuid(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text
  throw new InvalidArgumentError('A UUID in lower case is wanted.')
}
