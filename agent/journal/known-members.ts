import type { EventBody, Plan } from './events.ts'

/** The names of all marks: another one is of a later version. */
export const BODY_MEMBERS: { readonly [Member in keyof Required<EventBody>]: true } = {
  set: true,
  own: true,
  law: true,
  facts: true,
  index: true,
  claim: true,
  answer: true,
  release: true,
  act: true,
  plan: true,
  root: true,
  ref: true,
  session: true,
  receipt: true,
  aside: true,
  orders: true,
  chain: true,
  transaction: true,
  status: true,
  key: true,
  revoked: true,
  enrolled: true,
  witness: true,
  found: true,
  clock: true,
  origin: true,
}

export const PLAN_MEMBERS: { readonly [Member in keyof Required<Plan>]: true } = {
  set: true,
  own: true,
  law: true,
  goal: true,
  status: true,
  stamp: true,
  cash: true,
  foreign: true,
  receipt: true,
}

export const GOALS: { readonly [Goal in Plan['goal']]: true } = {
  open: true,
  completed: true,
  voided: true,
  fiscalized: true,
  decommissioned: true,
}
