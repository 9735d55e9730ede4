// @module-tag heavy
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { IDS, socketsOf } from '../drivers/links/usb-stand-in.ts'
import { once } from '../waits.ts'
import { BIN, fiskalEdge, ownTill, startDaemon } from './command.ts'

const HOOK = join(import.meta.dirname, '..', 'drivers', 'links', 'children', 'usb-hook.ts')

type Listed = { id: string; state: string; warnings: readonly { code: string; message: string }[] }

test('an agent whose printer wants the package usb runs without it, and device list and doctor name the remedy', async () => {
  const { sysfs, plug } = socketsOf()
  plug('1-2', 5)
  const printer = { id: 'rt-1', driver: 'rt-rch', usb: IDS }
  const config = ownTill([printer, { id: 'tse-1', driver: 'tse-simulator' }])
  const shown = ['-rm', 'sh', '-c', `mount --bind ${sysfs} /sys && exec "$@"`, 'sh']
  const env = { ...process.env, NODE_OPTIONS: `--import=${HOOK}` }
  const daemon = await startDaemon('unshare', [...shown, process.execPath, BIN, 'run', '--config', config], env)
  try {
    const list = () => fiskalEdge('device', 'list', '--config', config, '--json')
    await expect.poll(async () => (await list()).out).toContain('USB_MODULE_MISSING')
    const devices = JSON.parse((await list()).out) as Listed[]
    expect(devices.find(({ id }) => id === 'rt-1')).toMatchObject({
      state: 'down',
      warnings: [{ code: 'device_unavailable', message: expect.stringContaining('the package usb is not installed') }],
    })
    // The other device is not touched by it.
    expect(devices.find(({ id }) => id === 'tse-1')?.state).toBe('ready')
    const doctor = await fiskalEdge('doctor', '--config', config)
    expect(doctor.code).toBe(1)
    expect(doctor.out).toMatch(
      /✖ rt-1 +rt-rch is down; .*the package usb is not installed: install the program again \(npm ci in a clone\) \(USB_MODULE_MISSING\)/,
    )
    expect(doctor.out + doctor.err + daemon.log()).not.toMatch(/^\s+at /m)
    expect((await fetch(`${daemon.url}/healthz`)).status).toBe(200)
  } finally {
    daemon.child.kill('SIGTERM')
    if (daemon.child.exitCode === null) await once(daemon.child, 'close')
  }
  expect((await daemon.ended).code).toBe(0)
})
