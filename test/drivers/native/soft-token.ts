import { execFile } from 'node:child_process'
import { watch } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll } from 'vitest'

const run = promisify(execFile)

export const SOFTHSM = '/usr/lib/softhsm/libsofthsm2.so'

/** A call that the faulty module has seen. */
export type SeenCall = { name: string; pid: number }

/**
 * A separate SoftHSM2 token store in a temporary folder, and the faulty module in front of it. The store is chosen by
 * environment variables, so one test file holds one bench.
 */
export type TokenBench = {
  folder: string
  /** Path of the module that does what `fault` says, else what SoftHSM does. */
  faulty: string
  makeToken(label: string, pin: string): Promise<void>
  /** A P-256 key made by another program, with the given options of pkcs11-tool. */
  makeKey(token: string, pin: string, id: string, ...options: string[]): Promise<void>
  /** `VERB NAME` once, `VERB! NAME` until `repair`: see faulty-module.c. */
  fault(text: string): Promise<void>
  /** Answers as the module of A-Trust from now on; `pin`: that of the token. Until `repair`. */
  actAsATrust(pin: string): Promise<void>
  repair(): Promise<void>
  calls(): Promise<SeenCall[]>
  /** Resolves as soon as the module has entered that call `count` times since the bench began. */
  seen(name: string, count: number): Promise<SeenCall>
  /** The store is moved away, and back: SoftHSM's form of pulling a card. */
  pull(): Promise<void>
  putBack(): Promise<void>
  /** The same with one token of the store. */
  pullToken(label: string): Promise<void>
  putBackToken(label: string): Promise<void>
  remove(): Promise<void>
}

/** Made before the tests of a file, and removed after them. */
export function tokensOfFile(prepare?: (made: TokenBench) => Promise<void>): TokenBench {
  const bench = {} as TokenBench
  beforeAll(async () => {
    Object.assign(bench, await tokenBench())
    await prepare?.(bench)
  })
  afterAll(() => bench.remove())
  return bench
}

export async function tokenBench(): Promise<TokenBench> {
  const folder = await mkdtemp(join(tmpdir(), 'fiskal-edge-token-'))
  const tokens = join(folder, 'tokens')
  const control = join(folder, 'control')
  await mkdir(tokens)
  await mkdir(control)
  const configuration = join(folder, 'softhsm2.conf')
  await writeFile(configuration, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`)
  process.env['SOFTHSM2_CONF'] = configuration
  process.env['FAULTY_MODULE'] = control
  const calls = () => readCalls(join(control, 'calls'))
  const folders = new Map<string, string>()
  const move = (label: string, from: string, to: string) =>
    rename(join(from, folders.get(label) ?? ''), join(to, folders.get(label) ?? ''))
  return {
    folder,
    faulty: await compile(folder),
    makeToken: async (label, pin) => {
      await run('softhsm2-util', ['--init-token', '--free', '--label', label, '--pin', pin, '--so-pin', '87654321'])
      const tokenFolders = [...folders.values()]
      folders.set(label, (await readdir(tokens)).find((name) => !tokenFolders.includes(name)) ?? '')
    },
    makeKey: async (token, pin, id, ...options) => {
      const login = ['--module', SOFTHSM, '--token-label', token, '--login', '--pin', pin]
      const key = ['--keypairgen', '--key-type', 'EC:prime256v1', '--usage-sign', '--id', id]
      await run('pkcs11-tool', [...login, ...key, ...options])
    },
    fault: async (text) => {
      await writeFile(join(control, 'fault.new'), text)
      await rename(join(control, 'fault.new'), join(control, 'fault'))
    },
    actAsATrust: (pin) => writeFile(join(control, 'a-trust'), pin),
    repair: async () => {
      await rm(join(control, 'fault'), { force: true })
      await rm(join(control, 'a-trust'), { force: true })
    },
    calls,
    seen: (name, count) => whenSeen(control, name, count, calls),
    pull: () => rename(tokens, `${tokens}-away`),
    putBack: () => rename(`${tokens}-away`, tokens),
    pullToken: (label) => move(label, tokens, folder),
    putBackToken: (label) => move(label, folder, tokens),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function compile(folder: string): Promise<string> {
  const source = fileURLToPath(new URL('./faulty-module.c', import.meta.url))
  const headers = fileURLToPath(new URL('../../../node_modules/pkcs11js/includes/pkcs11', import.meta.url))
  const library = join(folder, 'faulty-module.so')
  await run('gcc', ['-shared', '-fPIC', '-o', library, '-I', headers, source, '-ldl'])
  return library
}

async function readCalls(path: string): Promise<SeenCall[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name, pid] = line.split(' ')
      return { name: name ?? '', pid: Number(pid) }
    })
}

function whenSeen(control: string, name: string, count: number, calls: () => Promise<SeenCall[]>): Promise<SeenCall> {
  return new Promise((resolve, reject) => {
    const watcher = watch(control)
    const look = () => {
      calls().then((all) => {
        const call = all.filter((one) => one.name === name)[count - 1]
        if (!call) return
        watcher.close()
        resolve(call)
      }, reject)
    }
    watcher.on('change', look)
    look()
  })
}
