import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bootSystemd } from '../booted-systemd.ts'
import type { Daemon, Ran } from '../cli/command.ts'
import { startDaemon } from '../cli/command.ts'
import { freePort } from '../free-port.ts'
import { perform } from '../perform.ts'

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
  /** The recent log of the agent, and of its starter. */
  log(): Promise<string>
  put(path: string, content: Buffer): Promise<void>
  take(path: string): Promise<Buffer>
  /** The place for files of the technician. */
  readonly home: string
  /** The state directory of its agent. */
  readonly state: string
  close(): Promise<void>
}

/** A separate Debian under systemd. */
export async function systemdBox(deb: string): Promise<Box> {
  const machine = await bootSystemd()
  const { sh } = machine
  const place = (path: string): string => join(machine.root, path)
  copyFileSync(deb, place('/root/fiskal-edge.deb'))
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
    put: async (path, content) => writeFileSync(place(path), content),
    take: async (path) => readFileSync(place(path)),
    close: machine.close,
  }
}

/** For machines that cannot boot one: the package unpacked into a folder, its program started from there. */
export async function folderBox(deb: string): Promise<Box> {
  const folder = mkdtempSync(join(tmpdir(), 'box-'))
  const config = join(folder, 'agent.json')
  const program = join(folder, 'opt/fiskal-edge/bin/fiskal-edge')
  const port = await freePort()
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, HOME: folder, FISKAL_EDGE_CONFIG: config }
  const sh = (script: string): Promise<Ran> =>
    perform('sh', ['-eu'], {
      input: Buffer.from(script.replaceAll('/opt/fiskal-edge/', join(folder, 'opt/fiskal-edge/'))),
      env,
    })
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
