import { Command } from 'commander'
import { stayAlive, systemClock } from '../../base/clock.ts'
import { logDroppedVariables } from '../../base/dropped-variables.ts'
import type { Log } from '../../base/log.ts'
import { linesFor, openLog } from '../../base/log.ts'
import type { RetryLimit } from '../../base/retry.ts'
import { retry } from '../../base/retry.ts'
import { isSystemJournal, standardError } from '../../base/standard-error.ts'
import { stopSignal } from '../../base/stop-signals.ts'
import { CodedError } from '../../base/thrown.ts'
import type { BlobFinding, ChainAudit } from '../../receiver/audit.ts'
import type { Receiver } from '../../receiver/open-receiver.ts'
import type { Store } from '../../receiver/store.ts'
import type { StreamIngestOptions } from '../../receiver/stream-ingest.ts'
import { natsSecrets } from '../../sync/secret-files.ts'
import type { ReceiverConfig } from '../config/receiver.ts'
import { readReceiverConfig } from '../config/receiver.ts'
import { describeFailure } from '../failure.ts'
import type { Common } from './arguments/options.ts'
import { jsonOption } from './arguments/options.ts'
import { agentCommand } from './receiver/agent.ts'
import { backupsCommand } from './receiver/backups.ts'
import { ReceiverCertificates } from './receiver/certificates.ts'
import { openConfiguredStore, readSecret, receiverConfigOption, withStore } from './receiver/store.ts'
import { tokenCommand } from './receiver/token.ts'
import { inSnakeCase, print, printJson } from './terminal/output.ts'

/** The exit code when the disk fails (EX_IOERR of sysexits.h), as of the daemon. */
const FATAL_EXIT_CODE = 74
/** A database may start hours after the receiver's machine. */
const STORE_LIMIT: RetryLimit = { limitMs: Number.POSITIVE_INFINITY, everyMs: 1000 }

export function receiverCommand(): Command {
  return new Command('receiver')
    .description('the receiver of a head office, which stores the journals of agents')
    .addCommand(runCommand())
    .addCommand(tokenCommand())
    .addCommand(agentCommand())
    .addCommand(prepareCommand())
    .addCommand(auditCommand())
    .addCommand(backupsCommand())
}

function runCommand(): Command {
  return new Command('run')
    .description('receive and verify journals, in the foreground')
    .addOption(receiverConfigOption())
    .action((options: Common) => run(readReceiverConfig(options.config)))
}

async function run(config: ReceiverConfig): Promise<void> {
  const destination = standardError(systemClock)
  process.once('exit', () => destination.flushSync())
  const isInJournal = isSystemJournal(process.env['JOURNAL_STREAM'])
  const log = openLog(config.log.level, linesFor(destination, process.stderr, isInJournal))
  logDroppedVariables(process.env, log)
  const logLate = (ms: number): void =>
    log.error({ ms }, 'the stop took too long: the receiver ends now; events without an acknowledgement are sent again')
  let broken: (error: Error) => void = () => undefined
  const stop = stopSignal({ late: logLate })
  const stopped = new Promise<void>((resolve) => {
    stop.addEventListener('abort', () => resolve())
    broken = (error) => {
      log.error(
        { code: 'store_failed', error: describeFailure(error) },
        'the store could not be written: start the receiver again',
      )
      process.exitCode = FATAL_EXIT_CODE
      resolve()
    }
  })
  const { openReceiver } = await import('../../receiver/open-receiver.ts')
  const store = await openWithRetry(config, log, (error) => broken(error), stop)
  if (store === undefined) return
  const files = config.tls && new ReceiverCertificates(config.tls, systemClock, log)
  let renew: Receiver['renew'] = () => undefined
  try {
    const { listen } = config
    const tls = await files?.open((renewed) => renew(renewed))
    const streams = config.streams.map(ingestOf)
    const more = { streams, blobQuotaBytes: config.blobs.quotaBytes, ...(tls && { tls }) }
    const receiver = await openReceiver({ store, listen, ...more, clock: systemClock, log })
    renew = receiver.renew
    print(`fiskal-edge receiver is ready at ${receiver.url} (pid ${process.pid})`)
    await stopped
    await receiver.close()
  } finally {
    files?.close()
    await store.close()
  }
}

/** Waits for a database that is unreachable at the start. Undefined if the receiver is stopped first. */
async function openWithRetry(
  config: ReceiverConfig,
  log: Log,
  onFatal: (error: Error) => void,
  signal: AbortSignal,
): Promise<Store | undefined> {
  let logged = ''
  const limitFor = (error: unknown): RetryLimit | undefined => {
    if (!(error instanceof Error && 'isAway' in error && error.isAway === true)) return undefined
    if (error.message !== logged)
      log.warn({ code: 'store_unreachable', error: error.message }, 'the database is waited for')
    logged = error.message
    return STORE_LIMIT
  }
  const open = async (): Promise<Store> => {
    await refuseForgetful(config)
    return openConfiguredStore(config, log, onFatal)
  }
  const leave = stayAlive()
  try {
    return await retry(open, limitFor, { clock: systemClock, signal })
  } finally {
    leave()
  }
}

/** An acknowledgement promises that the events are stored: it needs a database that keeps its data. */
async function refuseForgetful({ store }: ReceiverConfig): Promise<void> {
  if (store.kind !== 'postgres') return
  const { unsafeSettings } = await import('../../receiver/postgres/settings.ts')
  const unsafe = await unsafeSettings(await readSecret(store.connectionFile))
  if (unsafe.length > 0) {
    throw new CodedError('store_unsafe', `PostgreSQL may lose what it was given (${unsafe.join(', ')}): set them on.`)
  }
}

function ingestOf({ credsFile, tls, tenants, ...stream }: ReceiverConfig['streams'][number]): StreamIngestOptions {
  const tenantOf = (token: string): string | undefined => (Object.hasOwn(tenants, token) ? tenants[token] : undefined)
  return { ...stream, ...natsSecrets({ credsFile, tls }, readSecret), tenantOf }
}

function prepareCommand(): Command {
  return new Command('prepare')
    .description('create tables, partitions, the role and its rights in PostgreSQL; may run again at any time')
    .requiredOption('--owner-file <file>', 'connection string of the owner of the database')
    .requiredOption(
      '--role <role>',
      'the role that the receiver connects with, made where it is missing; not the owner',
    )
    .option('--password-file <file>', 'password of the role, if it is created')
    .action(async ({ ownerFile, role, passwordFile }: PrepareOptions) => {
      const { preparePostgres } = await import('../../receiver/postgres/schema.ts')
      const password = passwordFile === undefined ? {} : { password: await readSecret(passwordFile) }
      await preparePostgres({ owner: await readSecret(ownerFile), role, ...password })
      print('The database is ready.')
    })
}

type PrepareOptions = { ownerFile: string; role: string; passwordFile?: string }

function auditCommand(): Command {
  return new Command('audit')
    .description('recompute every hash of every chain and blob; exit 1 names what is not whole. Run it nightly')
    .addOption(receiverConfigOption())
    .addOption(jsonOption())
    .action(audit)
}

async function audit(options: Common): Promise<void> {
  const { auditBlobs, auditChains, auditTenancy } = await import('../../receiver/audit.ts')
  const audited: ChainAudit[] = []
  const damaged: BlobFinding[] = []
  let blobs = 0
  const count = (): void => {
    blobs++
  }
  const tenancy = await withStore(options, async (store) => {
    for await (const chain of auditChains(store)) audited.push(chain)
    for await (const blob of auditBlobs(store.blobs, count)) damaged.push(blob)
    return auditTenancy(store.owners)
  })
  const broken = audited.filter(({ finding }) => finding !== undefined)
  const events = audited.reduce((sum, chain) => sum + chain.events, 0)
  if (options.json) printJson(inSnakeCase({ chains: audited.length, events, broken, blobs, damaged, ...tenancy }))
  else {
    for (const { chainId, finding } of broken) print(`✖ ${chainId}: ${finding}`)
    for (const { agentId, sha256 } of damaged) print(`✖ blob ${sha256} of ${agentId} is not what its name says`)
    for (const { agentId, tenantIds } of tenancy.disputed) {
      print(
        `✖ agent ${agentId}: there are journals of several tenants (${tenantIds.join(', ')}): decide with "receiver agent move"`,
      )
    }
    for (const { agentId, tenantId, ownerId, count: refused } of tenancy.refused) {
      print(
        `! agent ${agentId}: ${refused} messages of another tenant (${tenantId}) were refused, it belongs to ${ownerId}`,
      )
    }
    print(`${audited.length} chains, ${events} events, ${broken.length} broken`)
    if (blobs > 0) print(`${blobs} blobs, ${damaged.length} damaged`)
  }
  if (broken.length + damaged.length + tenancy.disputed.length > 0) process.exitCode = 1
}
