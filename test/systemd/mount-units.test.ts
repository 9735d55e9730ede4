import { expect, test } from 'vitest'
import { checkConfig } from '../../agent/agent-config.ts'
import type { Drives } from '../../agent/cli/service/mount-units.ts'
import { MADE_BY, mountUnits } from '../../agent/cli/service/mount-units.ts'
import { escapedPath } from '../../agent/config/unit-name.ts'
import { mountsIn } from '../../agent/state/mounts.ts'
import { spawnSync } from '../waits.ts'

const SWISSBIT = { driver: 'tse-swissbit', library: '/opt/worm/libWormAPI.so' }

function configOf(...devices: object[]): Parameters<typeof mountUnits>[0] {
  return checkConfig('agent.json', { version: 1, state: '/var/lib/fiskal-edge', listen: {}, devices }, '/')
}

function drivesOf(files: readonly string[], more: Partial<Drives> = {}): Drives {
  return {
    mounts: mountsIn(
      [
        '22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw',
        '23 22 8:17 / /media/anna/TSE\\0401 rw shared:2 - vfat /dev/sdb1 rw',
        '24 22 8:33 / /mnt rw shared:3 - vfat /dev/sdc1 rw',
      ].join('\n'),
    ),
    fstab: '# /dev/sdb1 /media/tse vfat\n/dev/sda1 / ext4 defaults 0 1\n',
    exists: (path) => files.includes(path),
    uuidOf: (source) => ({ '/dev/sdb1': '1A2B-3C4D', '/dev/sdc1': '5E6F-7788' })[source],
    ...more,
  }
}

test('the drive of a TSE, mounted anywhere, gets a unit that mounts it on its path at each plug', () => {
  const config = configOf({ id: 'tse-1', path: '/media/tse', ...SWISSBIT })
  const { units, remainingSteps } = mountUnits(config, drivesOf(['/media/anna/TSE 1/TSE_INFO.DAT']))
  expect(remainingSteps).toEqual([])
  expect(units).toEqual([
    {
      place: '/etc/systemd/system/media-tse.mount',
      text: [
        MADE_BY,
        '[Unit]',
        'Description=Drive of the TSE tse-1',
        '[Mount]',
        'What=/dev/disk/by-uuid/1A2B-3C4D',
        'Where=/media/tse',
        'Type=vfat',
        'Options=nosuid,nodev,noexec,uid=fiskal-edge,gid=fiskal-edge,umask=0077',
        '',
      ].join('\n'),
      wants: '/etc/systemd/system/dev-disk-by\\x2duuid-1A2B\\x2d3C4D.device.wants/media-tse.mount',
    },
  ])
})

test('no unit is written for a path in /etc/fstab, for a drive that is not mounted, or if two could be meant', () => {
  const config = configOf({ id: 'tse-1', path: '/media/tse', ...SWISSBIT })
  const both = ['/media/anna/TSE 1/TSE_INFO.DAT', '/mnt/TSE_INFO.DAT']
  const fstab = 'LABEL=TSE /media/tse vfat nofail 0 0'
  expect(mountUnits(config, drivesOf(both, { fstab }))).toEqual({ units: [], remainingSteps: [] })
  for (const files of [[], both]) {
    const { units, remainingSteps } = mountUnits(config, drivesOf(files))
    expect(units).toEqual([])
    expect(remainingSteps).toEqual([expect.stringContaining('mount the drive of tse-1')])
  }
  expect(mountUnits(configOf({ id: 'tse-1', driver: 'tse-simulator' }), drivesOf(both))).toEqual({
    units: [],
    remainingSteps: [],
  })
})

test('two TSEs of two makers each get their own drive', () => {
  const config = configOf(
    { id: 'tse-1', path: '/media/cv', driver: 'tse-cryptovision' },
    { id: 'tse-2', path: '/mnt', ...SWISSBIT },
  )
  const { units } = mountUnits(config, drivesOf(['/media/anna/TSE 1/TSE-IO.bin', '/mnt/TSE_INFO.DAT']))
  expect(units.map(({ place, text }) => [place.split('/').at(-1), /uuid\/(.*)/.exec(text)?.[1]])).toEqual([
    ['media-cv.mount', '1A2B-3C4D'],
    ['mnt.mount', '5E6F-7788'],
  ])
})

test('unit names are escaped as systemd does', () => {
  const paths = ['/media/tse', '/', '/srv//tse-1/', '/media/TSE é', '/.hidden/a_b:c.d']
  const { stdout, status } = spawnSync('/usr/bin/systemd-escape', ['--path', ...paths], { encoding: 'utf8' })
  expect(status).toBe(0)
  expect(paths.map(escapedPath)).toEqual(stdout.trim().split(' '))
})
