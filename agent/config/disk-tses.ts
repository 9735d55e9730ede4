import type { DeviceConfig } from './config.ts'

/** A driver of a TSE that is a disk: `path` in its settings is the mount point. */
export type DiskTse = Extract<DeviceConfig, { driver: `tse-${string}`; path: string }>['driver']

/**
 * By driver: the file that identifies the disk (`TSE-IO.bin`; `TSE_INFO.DAT`: presence check of the vendor's library),
 * and its name for people. `doctor` finds disks by it, and `service install` writes their mount units.
 */
export const DISK_TSES: Readonly<Record<DiskTse, { readonly file: string; readonly name: string }>> = {
  'tse-cryptovision': { file: 'TSE-IO.bin', name: 'CryptoVision TSE' },
  'tse-swissbit': { file: 'TSE_INFO.DAT', name: 'Swissbit TSE' },
}
