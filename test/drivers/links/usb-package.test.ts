import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { copyModules } from '../../../scripts/package/contents.ts'
import { ROOT, removedLater } from '../../cli/command.ts'
import { callFilter } from '../../systemd/call-filter.ts'
import { heavy } from '../../tags.ts'
import { socketsOf } from './usb-stand-in.ts'

const UNIT = readFileSync(join(ROOT, 'systemd', 'fiskal-edge.service'), 'utf8')
const FILTER = [...UNIT.matchAll(/^SystemCallFilter=(.*)$/gm)].map(([, line]) => line ?? '')
const OPENS = join(import.meta.dirname, 'children', 'opens-usb.ts')

/**
 * Runs the real package over a /sys that was made, with libudev.so.1 replaced by an empty file and the system calls of the
 * unit alone; its sockets are traced.
 */
async function opened(sysfs: string): Promise<{ outcome: unknown; sockets: string }> {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'usb-')))
  const trace = join(folder, 'sockets')
  const hidden = globSync('/usr/lib/*/libudev.so.1').map((file) => `mount --bind /dev/null ${file}`)
  const command = [...hidden, `mount --bind ${sysfs} /sys`, 'exec "$@"'].join(' && ')
  const traced = [
    'strace',
    '-f',
    '-qq',
    '-e',
    'trace=socket',
    '-o',
    trace,
    callFilter(folder, FILTER),
    process.execPath,
    OPENS,
  ]
  const { stdout } = await promisify(execFile)('unshare', ['-rm', 'sh', '-c', command, 'sh', ...traced])
  return { outcome: JSON.parse(stdout), sockets: readFileSync(trace, 'utf8') }
}

test('the package finds the device of sysfs, without libudev, udev or a netlink socket', heavy(), async () => {
  const { sysfs, plug } = socketsOf()
  plug('1-2', 5)
  const { outcome, sockets } = await opened(sysfs)
  // The package was found, and its file is missing: no USB is in this machine.
  expect(outcome).toMatchObject({ code: 'USB_FAILED', message: expect.stringMatching(/device not found|errno 2/) })
  expect(outcome).toMatchObject({ message: expect.stringContaining('open error') })
  expect(sockets).not.toContain('AF_NETLINK')
})

test('a package contains its compiled part for this processor only, and the doctor looks for it there', () => {
  const cpu = process.arch === 'arm64' ? 'arm64' : 'x64'
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'usb-')))
  const copied = copyModules(ROOT, folder, cpu).filter((name) => /\/(@node-usb|usb|@types)(\/|$)/.test(name))
  expect(copied).toEqual([`node_modules/@node-usb/usb-linux-${cpu}-gnu`, 'node_modules/usb'])
  expect(globSync('node_modules/@node-usb/**/*.node', { cwd: folder })).toHaveLength(1)
})
