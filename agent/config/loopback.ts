import { unmapped } from '../../base/listening.ts'

/** True for an address that never leaves this machine. */
export function isLoopback(address: string): boolean {
  return /^(localhost|::1|\[::1\]|127(\.\d{1,3}){3})$/.test(unmapped(address))
}
