import type { Boundary } from './boundary-run.ts'
import { ACT_PARTS } from './shift.ts'

function before(...points: string[]): Boundary {
  return { name: points.join(', '), points, hit: 2 }
}

function ofAnyRequest(boundary: Boundary): Boundary {
  return { ...boundary, isOpenBefore: true }
}

function after(...points: string[]): Boundary {
  return { name: points.join(', '), points, hit: 1 }
}

/** Each commit of a shift is a life: in parts, none of its tests takes much longer than those of the others. */
function inParts(boundary: Boundary): Boundary[] {
  return ACT_PARTS.map((acts, part) => ({
    ...boundary,
    name: `${boundary.name}, ${acts.join(', ')}`,
    acts,
    isOpenBefore: part > 0,
  }))
}

/** Every step of a request; the journal's and the device's own follow the same act. */
export const BOUNDARIES: readonly Boundary[] = [
  ofAnyRequest(before('request.received')),
  ofAnyRequest(before('request.validated')),
  ...inParts(before('journal.before-commit')),
  ...inParts(after('journal.after-commit')),
  before('device.before-register_client', 'device.before-start', 'device.before-finish'),
  after('device.after-register_client', 'device.after-start', 'device.after-finish'),
  { ...after('device.after-start'), name: 'device.mid-start', deviceFault: 'power-cut@start#1' },
  { ...after('device.after-finish'), name: 'device.mid-finish', deviceFault: 'power-cut@finish#1' },
  ofAnyRequest(before('answer.before')),
  ofAnyRequest({ name: 'answer.mid', points: [], hit: 2, cutsAnswers: true }),
  ofAnyRequest(before('answer.after')),
]
