import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Mount } from './mounts.ts'
import { layersOf, mountOf, mountsIn } from './mounts.ts'

/** Numbers that anybody on the machine may read, and that another machine does not have. Never stored as they are. */
export type MachineNumbers = { readonly id: string | undefined; readonly parts: readonly string[] }

/** The files of the system below `root`, and the kernel's word on the mount of a path. */
export type MachineLook = {
  readonly root: string
  readonly mountOf: (path: string) => Promise<Mount | undefined>
}

const SYSTEM: MachineLook = { root: '/', mountOf }

const ID = '/etc/machine-id'
const IN_MEMORY: ReadonlySet<string> = new Set(['tmpfs', 'ramfs'])
/** The option of an overlay that names the folder of its changes. */
const UPPER = 'upperdir='
/** machine-id(5): 32 hexadecimal digits, not all zero. Until the first boot is complete, empty or `uninitialized`. */
const MACHINE_ID = /^(?!0+$)[0-9a-f]{32}$/
/** if_arp.h: ARPHRD_ETHER. net_device.h: NET_ADDR_PERM, the address in the hardware. */
const [ETHERNET, IN_HARDWARE] = ['1', '0']
/** The second bit of the first byte: an administrator or a virtual machine made it (IEEE 802). */
const LOCALLY_ADMINISTERED = /^.[2367abef]/
const ON_USB = /\/usb\d+\//
/** The places of a disk's own number: NVMe and virtio, CID of an MMC, page 0x80 of SCSI and SATA, WWN. */
const DISK_NUMBERS = ['serial', 'device/serial', 'device/cid', 'device/vpd_pg80', 'device/wwid', 'wwid'] as const
/** A RAID may be on encrypted disks that are partitions. */
const STACKED_MAX = 6
/** Numbers that makers leave where none was programmed. */
const PLACEHOLDER = /^(.)\1*$|^0?123456789(0|abcdef)?$/

/** The numbers of this machine and of the disks under a folder. Unreadable ones are left out. */
export async function machineNumbers(folder: string, look: MachineLook = SYSTEM): Promise<MachineNumbers> {
  const { root } = look
  const [id, boards, disks, ports] = await Promise.all([
    machineId(root),
    boardSerial(root),
    disksUnder(folder, look),
    macs(root),
  ])
  const kinds = { board: boards, disk: disks, mac: ports }
  const parts = Object.entries(kinds).flatMap(([kind, numbers]) => numbers.map((number) => `${kind} ${number}`))
  return { id, parts: [...new Set(parts)].sort() }
}

/** Undefined before the first boot is complete, and if the machine gets another one at each boot. */
async function machineId(root: string): Promise<string | undefined> {
  const id = (await textOf(join(root, ID))).toLowerCase()
  const mounts = mountsIn(await readFile(join(root, 'proc/self/mountinfo'), 'utf8').catch(() => ''))
  return MACHINE_ID.test(id) && !isOfOneBoot(mounts) ? id : undefined
}

/**
 * On a read-only disk with an empty file, systemd mounts one from memory over it (machine-id(5)); or the whole folder is
 * in memory, alone or as the upper layer of an overlay.
 */
function isOfOneBoot(mounts: readonly Mount[]): boolean {
  const mount = mountAt(mounts, ID)
  if (mount?.folder === ID) return mount.type === 'tmpfs' && mount.root === '/machine-id'
  const upper = mount?.options.find((option) => option.startsWith(UPPER))?.slice(UPPER.length)
  const lowest = upper === undefined ? mount : mountAt(mounts, upper)
  return lowest !== undefined && IN_MEMORY.has(lowest.type)
}

/** The mount that a path is on; a later one on the same folder hides earlier ones. */
function mountAt(mounts: readonly Mount[], path: string): Mount | undefined {
  const above = mounts.filter(({ folder }) => path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`))
  return above.reduce<Mount | undefined>(
    (deepest, mount) => (mount.folder.length >= (deepest?.folder.length ?? 0) ? mount : deepest),
    undefined,
  )
}

async function boardSerial(root: string): Promise<string[]> {
  return ownNumbers([await textOf(join(root, 'sys/firmware/devicetree/base/serial-number'))])
}

/** The addresses of ports that belong to the machine. An adapter on USB does not: it moves from one to the next. */
async function macs(root: string): Promise<string[]> {
  const net = join(root, 'sys/class/net')
  const addresses = await Promise.all((await namesIn(net)).map((name) => macOf(join(net, name))))
  return ownNumbers(addresses.flat())
}

async function macOf(port: string): Promise<string[]> {
  const device = await realpath(join(port, 'device')).catch(nothing)
  if (device === undefined || ON_USB.test(`${device}/`)) return []
  const [type, assigned, address] = await Promise.all(
    ['type', 'addr_assign_type', 'address'].map((name) => textOf(join(port, name))),
  )
  if (type !== ETHERNET || assigned !== IN_HARDWARE || address === undefined) return []
  return LOCALLY_ADMINISTERED.test(address) ? [] : [address.replaceAll(':', '')]
}

async function disksUnder(folder: string, look: MachineLook): Promise<string[]> {
  const mount = await lowestMount(folder, look).catch(nothing)
  if (mount === undefined) return []
  const block = await blockOf(mount, look.root)
  const disks = block === undefined ? [] : await wholeDisks(block, STACKED_MAX, look.root)
  const numbers = disks.flatMap((disk) => DISK_NUMBERS.map((name) => textOf(join(disk, name))))
  return ownNumbers(await Promise.all(numbers))
}

async function lowestMount(folder: string, { mountOf: mountAt }: MachineLook): Promise<Mount | undefined> {
  let lowest: Mount | undefined
  for await (const { mount } of layersOf(folder, mountAt)) lowest = mount
  return lowest?.type === 'overlay' ? undefined : lowest
}

/** On btrfs the number of the file system is not that of a device: its source is. */
async function blockOf({ disk, source }: Mount, root: string): Promise<string | undefined> {
  const byNumber = await realpath(join(root, 'sys/dev/block', disk)).catch(nothing)
  return byNumber ?? (await realpath(join(root, 'sys/class/block', basename(source))).catch(nothing))
}

/** The disks below a partition, an encrypted or logical volume, or a RAID. */
async function wholeDisks(block: string, depth: number, root: string): Promise<string[]> {
  if (depth === 0) return []
  const slaves = await namesIn(join(block, 'slaves'))
  const below = await Promise.all(slaves.map((name) => realpath(join(root, 'sys/class/block', name)).catch(nothing)))
  const paths = below.filter((path) => path !== undefined)
  if (paths.length > 0) return (await Promise.all(paths.map((path) => wholeDisks(path, depth - 1, root)))).flat()
  return [(await textOf(join(block, 'partition'))) === '' ? block : dirname(block)]
}

function ownNumbers(texts: readonly string[]): string[] {
  const numbers = texts.map((number) => number.toLowerCase())
  return numbers.filter((number) => number !== '' && !PLACEHOLDER.test(number))
}

/** Letters, digits and signs: a page of SCSI begins with a head of binary bytes, a device tree ends with a zero. */
async function textOf(path: string): Promise<string> {
  const bytes = await readFile(path, 'latin1').catch(() => '')
  return bytes.replaceAll(/[^\x21-\x7e]/g, '')
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => [])
}

function nothing(): undefined {
  return undefined
}
