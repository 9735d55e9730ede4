import { FiskalError } from '../errors.ts'

export type ResourceName =
  | 'merchant'
  | 'location'
  | 'register'
  | 'payment_terminal'
  | 'operation'
  | 'session'
  | 'cash_drawer_opening'
  | 'closing'
  | 'export'
  | 'device'
  | 'key'

export function notFound(resource: ResourceName, id: string): FiskalError {
  return new FiskalError('not_found', `There is no ${resource} ${id}.`, { resource, id })
}
