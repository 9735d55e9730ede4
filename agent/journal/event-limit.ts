import { FiskalError } from '../errors.ts'

/** Of a line of a replayed batch: what any receiver takes as one event. */
const LINE_BYTES = 1 << 20
/** The members beside the body, with room to spare. */
const FRAME_BYTES = 2048
/** A body of fewer characters fits, whatever they are: six bytes for each at most. */
const SURE_LENGTH = (LINE_BYTES - FRAME_BYTES) / 6

/**
 * An event that no receiver takes would stand in the way of the whole replay for ever: the request is refused instead,
 * before anything is recorded. Undefined where all fit.
 */
export function tooLargeEvent(bodies: readonly string[]): FiskalError | undefined {
  const large = bodies.some((body) => body.length > SURE_LENGTH && lineBytes(body) > LINE_BYTES)
  if (!large) return undefined
  const instead = 'Send its lines in several operations; what a void would reverse, as returns of its lines'
  return new FiskalError('payload_too_large', `Recorded, the request would take more than 1 MiB. ${instead}.`, {
    limit_bytes: LINE_BYTES,
  })
}

function lineBytes(body: string): number {
  return FRAME_BYTES + Buffer.byteLength(JSON.stringify(body))
}
