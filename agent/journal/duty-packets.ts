import { sha256 } from '../../base/sha256.ts'

/** Nine digits at most (schema of rkdb). */
const PACKET_MAX = 999_999_999

/**
 * The number of the packet that an event sends: its seq. A restored journal gives the same seqs again, which the office may
 * have seen: later epochs begin at another number, which follows from the id of their chain.
 */
export function packetOf(seq: number, { epoch, chain }: { epoch: number; chain: string }): number {
  const number = seq + (epoch > 1 ? sha256(chain).readUInt32BE(0) % PACKET_MAX : 0)
  return number <= PACKET_MAX ? Math.max(1, number) : (number % PACKET_MAX) + 1
}
