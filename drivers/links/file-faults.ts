import { errorCode } from '../errors.ts'

/** Remedies for the refused file of a device, by the system's code, or by its words: a serial port has no code. */
const FAULTS: readonly (readonly [code: string, words: RegExp, remedy: string])[] = [
  ['EROFS', /read-only file system/i, 'it is read-only: look at "dmesg" for the reason, then mount it again'],
  ['EACCES', /permission denied/i, 'this user may not use it: run "fiskal-edge service install", or look at its mount'],
  ['ENOSPC', /no space left/i, 'its drive is full: remove the files that are not its own'],
  ['EIO', /input\/output error/i, 'it does not read or write: look at "dmesg", then plug it in again'],
]
const CODES = FAULTS.map(([code]) => code).join('|')
const REPORTED = new RegExp(`\\((?:${CODES})\\): `)

/** The message of a fault of a file, with its name and its remedy, if it has one. */
export function fileFault(message: string, cause: unknown): string {
  const code = errorCode(cause)
  const fault = FAULTS.find(([name, words]) => (code === undefined ? words.test(String(cause)) : name === code))
  return fault === undefined ? message : `${message} (${fault[0]}): ${fault[2]}`
}

/** True for a message that says what to do itself. */
export function saysFileRemedy(message: string): boolean {
  return REPORTED.test(message)
}
