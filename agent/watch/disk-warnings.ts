/** `warning` needs attention, `alarm` needs it today: sales are stopped or will stop, or a legal deadline is near. */
export type Severity = 'warning' | 'alarm'
export type Kind = { severity: Severity; message: string; remedy: string }

/** Warnings about the disks of the state and of its copies. */
export const DISK_KINDS: Readonly<Record<string, Kind>> = {
  state_volatile: {
    severity: 'alarm',
    message:
      'The state directory is in memory: the next power cut or restart of the machine takes the journal with it.',
    remedy:
      'Sell nothing more. Stop the agent, copy the state directory to a disk (cp -a), name it in "state", start the agent; in a container, mount a volume there.',
  },
  disk_full: {
    severity: 'alarm',
    message: 'The disk is full. Open operations can finish; new ones are refused.',
    remedy: 'Free space on the disk of the state directory; selling continues automatically.',
  },
  disk_low: {
    severity: 'warning',
    message: 'The disk is filling up.',
    remedy: 'Free space on the disk of the state directory (df -h; files: df -i), or move it to a larger one.',
  },
  disk_slow: {
    severity: 'warning',
    message: 'The disk is slow: every sale waits for it.',
    remedy: 'Look for another program that writes much; replace an SD card or an old disk by an SSD.',
  },
  stick_out: {
    severity: 'warning',
    message:
      'A folder for copies was on another disk before and is on the disk of the journal now: nothing is written there.',
    remedy:
      'Connect and mount that disk; the agent continues automatically. If it does not come back, name another folder in the configuration.',
  },
  backup_place: {
    severity: 'warning',
    message: 'A folder for copies is on the disk of the journal: if that disk fails, both are lost.',
    remedy: 'Name a folder on another disk or a stick in the configuration.',
  },
}
