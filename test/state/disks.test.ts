// @module-tag heavy
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { mountsIn } from '../../agent/state/mounts.ts'
import { spawnSync } from '../waits.ts'

const STATE = resolve(import.meta.dirname, '..', '..', 'agent', 'state')
const LOOK = `
  import { diskOf } from '${STATE}/mounts.ts'
  import { volatilityOf } from '${STATE}/volatility.ts'
  const facts = process.argv.slice(1).map(async (path) => [path, (await volatilityOf(path))?.kind ?? 'lasting', await diskOf(path)])
  console.log(JSON.stringify(await Promise.all(facts)))`

const isRoot = process.getuid?.() === 0

/** The kinds of folders after these mounts, in a separate namespace, which removes them. */
function seenBehind(mounts: string, ...folders: string[]): { kinds: Record<string, string>; disks: string[] } {
  const place = mkdtempSync(join(tmpdir(), 'disks-'))
  onTestFinished(() => rmSync(place, { recursive: true, force: true }))
  const script = `set -e; cd "$1"; shift; ${mounts}\nexec "$@"`
  const command = [script, 'sh', place, process.execPath, '--input-type=module', '-e', LOOK, ...folders]
  const ran = spawnSync('unshare', ['-m', 'sh', '-c', ...command], { encoding: 'utf8' })
  expect(ran.stderr).toBe('')
  const facts = JSON.parse(ran.stdout) as [string, string, string][]
  return {
    kinds: Object.fromEntries(facts.map(([path, kind]) => [path, kind])),
    disks: facts.map(([, , disk]) => disk),
  }
}

/** A disk in a file, as large as mkfs demands it. */
function diskAt(folder: string, type: string, megabytes: number): string {
  return `truncate -s ${megabytes}M ${folder}.img; mkfs.${type} -q ${folder}.img > made; mkdir ${folder}; mount -o loop ${folder}.img ${folder}`
}

test('a table of mounts is read with its blanks, its optional members and the options of an overlay', () => {
  const table = `22 27 0:21 / /proc rw,relatime shared:5 master:2 - proc proc rw
69 43 0:42 / /a\\040b rw - overlay ov rw,lowerdir=/low,upperdir=/u\\040p\\054q,workdir=/w
`
  expect(mountsIn(table)).toEqual([
    { id: '22', disk: '0:21', root: '/', folder: '/proc', type: 'proc', source: 'proc', options: ['rw'] },
    {
      ...{ id: '69', disk: '0:42', root: '/', folder: '/a b', type: 'overlay', source: 'ov' },
      options: ['rw', 'lowerdir=/low', 'upperdir=/u p,q', 'workdir=/w'],
    },
  ])
})

test.runIf(isRoot)('memory is volatile, also below an overlay and below an overlay on it; a disk lasts', () => {
  const { kinds } = seenBehind(
    `mkdir ram low over twice kept
    mount -t tmpfs ram ram; mkdir "ram/u p" ram/w
    mount -t overlay over over -o "lowerdir=low,upperdir=$PWD/ram/u p,workdir=$PWD/ram/w"
    mkdir over/u over/w over/state
    ${diskAt('disk', 'ext4', 16)}; mkdir disk/u disk/w
    mount -t overlay kept kept -o lowerdir=low,upperdir=$PWD/disk/u,workdir=$PWD/disk/w
    mount -t tmpfs u over/u; mkdir over/u/u over/u/w
    mount -t overlay twice twice -o lowerdir=low,upperdir=$PWD/over/u/u,workdir=$PWD/over/u/w`,
    ...['ram', 'over', 'over/state', 'twice', 'disk', 'kept'],
  )
  expect(kinds).toEqual({
    ...{ ram: 'volatile', over: 'volatile', 'over/state': 'volatile', twice: 'volatile' },
    ...{ disk: 'lasting', kept: 'lasting' },
  })
})

test.runIf(isRoot)(
  'an overlay whose upper layer is invisible from here, as in a container, is reported as unseen',
  () => {
    const { kinds } = seenBehind(
      `mkdir host low root; ${diskAt('disk', 'ext4', 16)}; mkdir disk/u disk/w
    mount -t overlay root root -o lowerdir=low,upperdir=$PWD/disk/u,workdir=$PWD/disk/w
    mkdir relative; (cd disk && mkdir u2 w2 && mount -t overlay relative ../relative -o lowerdir=../low,upperdir=u2,workdir=w2)
    mkdir u2 w2; umount -l disk`,
      ...['root', 'relative'],
    )
    expect(kinds).toEqual({ root: 'unseen', relative: 'unseen' })
  },
)

test.runIf(isRoot)(
  'a temporary folder on a disk is emptied, also by a link to it; a volume mounted below it lasts',
  () => {
    const { kinds } = seenBehind(
      `${diskAt('disk', 'ext4', 16)}; mkdir disk/t disk/volume; mount --bind disk/t /var/tmp
    mkdir /var/tmp/edge /var/tmp/volume /var/tmp/ram; ln -s /var/tmp/edge link
    mount --bind disk/volume /var/tmp/volume; mount -t tmpfs ram /var/tmp/ram`,
      ...['/var/tmp', '/var/tmp/edge', 'link', '/var/tmp/volume', '/var/tmp/ram', 'disk'],
    )
    expect(kinds).toEqual({
      ...{ '/var/tmp': 'emptied', '/var/tmp/edge': 'emptied', link: 'emptied' },
      ...{ '/var/tmp/volume': 'lasting', '/var/tmp/ram': 'volatile', disk: 'lasting' },
    })
  },
)

const ZRAM = '/sys/block/zram0/disksize'
const hasZram = isRoot && existsSync(ZRAM) && readFileSync(ZRAM, 'utf8').trim() === '0'
test.runIf(hasZram)('a block device in memory is volatile', () => {
  onTestFinished(() => void spawnSync('sh', ['-c', 'echo 1 > /sys/block/zram0/reset']))
  const { kinds } = seenBehind(`echo 16M > ${ZRAM}; mkfs.ext4 -q /dev/zram0; mkdir swap; mount /dev/zram0 swap`, 'swap')
  expect(kinds).toEqual({ swap: 'volatile' })
})

test.runIf(isRoot)('a folder has the disk of its file system, mounted in any way', () => {
  const { disks } = seenBehind(
    `${diskAt('disk', 'ext4', 16)}; mkdir disk/state bound stick
    mount --bind disk/state bound; mount -t tmpfs stick stick`,
    ...['disk', 'disk/state', 'bound', 'stick'],
  )
  const [disk, state, bound, stick] = disks
  expect([state, bound]).toEqual([disk, disk])
  expect(stick).not.toBe(disk)
})

const hasBtrfs = isRoot && readFileSync('/proc/filesystems', 'utf8').includes('\tbtrfs')
test.runIf(hasBtrfs)('subvolumes of btrfs, which have their own numbers, are one disk', () => {
  const { kinds, disks } = seenBehind(
    `${diskAt('disk', 'btrfs', 128)}; mkdir mounted
    btrfs -q subvolume create disk/state; btrfs -q subvolume create disk/backup
    mount -o subvol=backup "$(findmnt -no SOURCE disk)" mounted`,
    ...['disk/state', 'disk/backup', 'mounted'],
  )
  expect(new Set(disks).size).toBe(1)
  expect(kinds).toEqual({ 'disk/state': 'lasting', 'disk/backup': 'lasting', mounted: 'lasting' })
})
