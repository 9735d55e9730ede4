import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Daemon, Ran } from '../cli/command.ts'
import { startDaemon } from '../cli/command.ts'
import { freePort } from '../free-port.ts'

const SCRIPT = join(import.meta.dirname, 'box.sh')
const NAMESPACES = ['--mount', '--propagation', 'private', '--pid', '--ipc', '--uts', '--cgroup', '--net', '--fork']
const POLLS = 600

/** A technician's machine. */
export type Box = {
  readonly kind: 'systemd' | 'folder'
  /** The sale API, as it is called on the box itself. */
  readonly url: string
  /** From a package to an agent that is ready. */
  install(): Promise<Ran>
  start(): Promise<Ran>
  stop(): Promise<Ran>
  /** Runs a script on the box, as root. */
  sh(script: string): Promise<Ran>
  /** What the agent, and who starts it, said of late. */
  log(): Promise<string>
  put(path: string, content: Buffer): Promise<void>
  take(path: string): Promise<Buffer>
  /** Where a file of the technician may lie. */
  readonly home: string
  /** The state directory of its agent. */
  readonly state: string
  close(): Promise<void>
}

/** True where this machine lets a test have namespaces, an overlay and a systemd of its own: root with all its rights. */
export function hasBoxes(): boolean {
  if (process.getuid?.() !== 0) return false
  const probe =
    'mount -t tmpfs p /mnt && mkdir /mnt/u /mnt/w /mnt/r && mount -t overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w o /mnt/r && mkdir /mnt/c && mount -t cgroup2 c /mnt/c && test -x /lib/systemd/systemd'
  return spawnSync('unshare', [...NAMESPACES, 'sh', '-c', probe], { timeout: 60_000 }).status === 0
}

/** A Debian of its own under systemd. */
export async function systemdBox(deb: string): Promise<Box> {
  // Whatever ends this process ends the box.
  const args = ['--pdeathsig', 'KILL', 'unshare', ...NAMESPACES, '--kill-child=KILL', 'sh', SCRIPT, deb]
  const box = spawn('setpriv', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaints = ''
  box.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const first = async (): Promise<string> => {
    for (let polls = 0; polls < POLLS; polls++) {
      const child = readFileSync(`/proc/${box.pid}/task/${box.pid}/children`, 'utf8').trim()
      if (child !== '' && readFileSync(`/proc/${child}/comm`, 'utf8').trim() === 'systemd') return child
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`the box did not start: ${complaints}`)
  }
  const pid = await first().catch((error: unknown) => {
    box.kill('SIGKILL')
    throw error
  })
  const enter = [
    '-t',
    pid,
    '-m',
    '-p',
    '-i',
    '-u',
    '-C',
    '-n',
    'env',
    '-i',
    'HOME=/root',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
  ]
  const act = (command: readonly string[], input?: Buffer): Promise<Ran & { bytes: Buffer }> =>
    perform('nsenter', [...enter, ...command], input)
  const sh = (script: string): Promise<Ran> => act(['sh', '-eu'], Buffer.from(script))
  await act(['timeout', '30', 'systemctl', 'is-system-running', '--wait'])
  return {
    kind: 'systemd',
    url: 'http://127.0.0.1:7070',
    home: '/root',
    state: '/var/lib/fiskal-edge',
    install: () => sh('dpkg -i /root/fiskal-edge.deb'),
    start: () => sh('systemctl start fiskal-edge'),
    stop: () => sh('systemctl stop fiskal-edge'),
    sh,
    log: async () =>
      (await sh('journalctl -u fiskal-edge -n 50 --no-pager; systemctl show fiskal-edge -p NRestarts,Result')).out,
    put: async (path, content) => {
      await act(['sh', '-c', `cat > ${path}`], content)
    },
    take: async (path) => (await act(['cat', path])).bytes,
    close: async () => {
      const ended = once(box, 'close')
      process.kill(Number(pid), 'SIGKILL')
      await ended
    },
  }
}

/** Where a test may not have a machine: the package unpacked into a folder, its program started from there. */
export async function folderBox(deb: string): Promise<Box> {
  const folder = mkdtempSync(join(tmpdir(), 'box-'))
  const config = join(folder, 'agent.json')
  const program = join(folder, 'opt/fiskal-edge/bin/fiskal-edge')
  const port = await freePort()
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, HOME: folder, FISKAL_EDGE_CONFIG: config }
  const sh = (script: string): Promise<Ran> =>
    perform('sh', ['-eu'], Buffer.from(script.replaceAll('/opt/fiskal-edge/', join(folder, 'opt/fiskal-edge/'))), env)
  let daemon: Daemon | undefined
  const done = { code: 0, out: '', err: '' }
  const start = async (): Promise<Ran> => {
    daemon = await startDaemon(program, ['run'], env)
    return done
  }
  const stop = async (): Promise<Ran> => {
    daemon?.child.kill('SIGTERM')
    const ended = await daemon?.ended
    daemon = undefined
    return ended ?? done
  }
  return {
    kind: 'folder',
    url: `http://127.0.0.1:${port}`,
    home: folder,
    state: join(folder, 'state'),
    install: async () => {
      const unpacked = await perform('dpkg-deb', ['-x', deb, folder])
      if (unpacked.code !== 0) return unpacked
      mkdirSync(join(folder, 'bin'), { recursive: true })
      symlinkSync(program, join(folder, 'bin/fiskal-edge'))
      const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
      writeFileSync(config, JSON.stringify({ version: 1, state: join(folder, 'state'), listen: { port }, devices }))
      return start()
    },
    start,
    stop,
    sh,
    log: async () => daemon?.log() ?? '',
    put: async (path, content) => writeFileSync(path, content),
    take: async (path) => readFileSync(path),
    close: async () => {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function perform(
  command: string,
  args: readonly string[],
  input?: Buffer,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ran & { bytes: Buffer }> {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  const parts: Buffer[] = []
  let err = ''
  child.stdout.on('data', (part: Buffer) => parts.push(part))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  const bytes = Buffer.concat(parts)
  return { code: code as number | null, out: bytes.toString('utf8'), err, bytes }
}
