import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { MachineNumbers } from '../../agent/state/machine-numbers.ts'
import { machineNumbers } from '../../agent/state/machine-numbers.ts'
import type { Mount } from '../../agent/state/mounts.ts'

type Port = { mac: string; assigned?: string; type?: string; usb?: boolean; virtual?: boolean }

/** The files of a machine that anybody on it may read. */
export type MachineFiles = {
  id?: string
  board?: string
  /** Files of the disk under the state, by their names in its folder. */
  disk?: Readonly<Record<string, string>>
  ports?: readonly Port[]
  mountinfo?: string
  mount?: Partial<Mount>
}

/** What a program on that machine reads of it; the state is on the second partition of its disk. */
export async function numbersOf(machine: MachineFiles): Promise<MachineNumbers> {
  const root = mkdtempSync(join(tmpdir(), 'machine-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  write(root, machine)
  const mount = { id: '1', disk: '8:2', root: '/', folder: '/', type: 'ext4', source: '/dev/sda2', options: [] }
  return machineNumbers('/state', { root, mountOf: async () => ({ ...mount, ...machine.mount }) })
}

function write(root: string, { id, board, disk, ports = [], mountinfo }: MachineFiles): void {
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, 'latin1')
  }
  const link = (path: string, to: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    symlinkSync(join(root, to), join(root, path))
  }
  if (id !== undefined) put('etc/machine-id', id)
  if (board !== undefined) put('sys/firmware/devicetree/base/serial-number', board)
  if (mountinfo !== undefined) put('proc/self/mountinfo', mountinfo)
  const block = 'sys/devices/pci0/block/sda'
  put(`${block}/sda2/partition`, '2\n')
  for (const [name, text] of Object.entries(disk ?? {})) put(`${block}/${name}`, text)
  link('sys/dev/block/8:2', `${block}/sda2`)
  link('sys/class/block/sda2', `${block}/sda2`)
  link('sys/class/block/sda', block)
  put('sys/devices/virtual/block/dm-0/slaves/sda2/partition', '2\n')
  link('sys/dev/block/253:0', 'sys/devices/virtual/block/dm-0')
  for (const [index, port] of ports.entries()) {
    const bus = port.usb === true ? 'sys/devices/pci0/usb1/1-1' : `sys/devices/pci0/000${index}`
    const net = `${bus}/net/eth${index}`
    put(`${net}/address`, `${port.mac}\n`)
    put(`${net}/addr_assign_type`, `${port.assigned ?? '0'}\n`)
    put(`${net}/type`, `${port.type ?? '1'}\n`)
    if (port.virtual !== true) link(`${net}/device`, bus)
    link(`sys/class/net/eth${index}`, net)
  }
}
