import { FiskalError } from '../../errors.ts'
import type { MovementDocument, OperationDocument } from '../../journal/documents/document.ts'
import { isMovement } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import type { TillParts } from '../parts.ts'
import type { Answer, Mutation } from '../requests.ts'

/** Thrown inside a commit while another act on the operation is running: wait for it, then decide again. */
class StillActing extends Error {
  override readonly name = 'StillActing'
}

const WAITS = 3

/** All documents except goods movements are completed when they are created. Throws `operation_invalid_state`. */
export function refuseUnlessOpen(document: OperationDocument): asserts document is MovementDocument {
  const { id, status } = document.shown
  if (status === 'open' && isMovement(document)) return
  throw new FiskalError('operation_invalid_state', `Operation ${id} is ${status}.`, { operation_id: id, status })
}

/**
 * Called inside a commit. True if a start is running or undecided that the request overtakes. Throws StillActing if it
 * waits first, and `reconciling` while another request ends the operation.
 */
export function overtakesStart(view: View, id: string, { mayOvertake }: { mayOvertake: boolean }): boolean {
  const [acting] = view.openIntentsOf(id)
  if (acting === undefined) return false
  if (!mayOvertake) throw new StillActing(id)
  const { root = acting.seq } = view.bodyAt(acting.seq)
  if (view.bodyAt(root).plan?.goal === 'open') return true
  throw new FiskalError(
    'reconciling',
    `Operation ${id} is being ended by another request.`,
    { operation_id: id },
    { fiscalEffect: 'unknown', retryAfterSeconds: 2 },
  )
}

/**
 * Decides again after running acts; finally the request overtakes a start that cannot be reconciled now. The till waits
 * for one deadline in total.
 */
export async function afterActs(
  { clock, recorder }: Pick<TillParts, 'clock' | 'recorder'>,
  given: Mutation,
  id: string,
  decide: (mutation: Mutation, how: { mayOvertake: boolean }) => Promise<Answer>,
): Promise<Answer> {
  const { arrivedNs = clock.mono() } = given
  const mutation = { ...given, arrivedNs }
  for (let waits = 0; waits < WAITS; waits++) {
    try {
      return await decide(mutation, { mayOvertake: false })
    } catch (error) {
      if (!(error instanceof StillActing)) throw error
      await recorder.running.awaitActs(id, arrivedNs)
    }
  }
  return decide(mutation, { mayOvertake: true })
}
