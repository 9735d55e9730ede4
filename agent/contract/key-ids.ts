/**
 * An id of the caller's own: a request names a resource by this and the Idempotency-Key of the request that made it.
 * Answers always have the real id.
 */
export const KEY_PREFIX = 'key:'

type Resource = { readonly id: string; readonly example: string; readonly madeBy?: string }

/** The resources that requests make, so that a key can name them; a session by the key of its `session_open`. */
const RESOURCES = {
  merchant: { id: 'merchant_…', example: 'key:merchant-1' },
  location: { id: 'loc_…', example: 'key:location-1' },
  register: { id: 'reg_…', example: 'key:register-1' },
  payment_terminal: { id: 'trm_…', example: 'key:pos-1' },
  operation: { id: 'op_…', example: 'key:sale-1' },
  session: { id: 'ses_…', example: 'key:open-1', madeBy: 'of its `session_open`' },
  drawer_opening: { id: 'cdo_…', example: 'key:drawer-1' },
  closing: { id: 'cls_…', example: 'key:closing-1' },
  export: { id: 'exp_…', example: 'key:export-1' },
} satisfies Record<string, Resource>
export type KeyedKind = keyof typeof RESOURCES

/**
 * Words for a member or parameter that names a resource of one of these kinds, and an id of the caller's own. `more`
 * says what the resource is for.
 */
export function keyedIdWords(kinds: readonly KeyedKind[], more?: string): string {
  const ids = kinds.map((kind) => `\`${RESOURCES[kind].id}\``)
  const { madeBy: maker }: Resource = RESOURCES[kinds[0] ?? 'operation']
  const key = maker === undefined ? 'its `Idempotency-Key`' : `the \`Idempotency-Key\` ${maker}`
  const ends = `or \`${KEY_PREFIX}\` and ${key}.`
  return `${more ?? 'Id:'} ${ids.join(' or ')}, ${ends}`
}

export function keyedIdExample(kind: KeyedKind): string {
  return RESOURCES[kind].example
}

/** The members of a body, at its top, and of a query that name a resource. */
export const KIND_OF_MEMBER = {
  register_id: 'register',
  related_operation_id: 'operation',
  corrects_operation_id: 'operation',
  operation_id: 'operation',
  location_id: 'location',
  session_id: 'session',
} as const satisfies Record<string, KeyedKind>

/** The members of a body that name several. */
export const KIND_OF_LIST = { register_ids: 'register' } as const satisfies Record<string, KeyedKind>

const KIND_OF_COLLECTION: Readonly<Record<string, KeyedKind>> = {
  merchants: 'merchant',
  locations: 'location',
  registers: 'register',
  'payment-terminals': 'payment_terminal',
  operations: 'operation',
  sessions: 'session',
  'cash-drawer-openings': 'drawer_opening',
  closings: 'closing',
  exports: 'export',
}

/** `reg_` of the ids of a kind. */
export function idPrefixOf(kind: KeyedKind): string {
  return RESOURCES[kind].id.slice(0, -1)
}

/** The path at which a resource is read, by its id; undefined for one that no request makes. */
export function pathOfId(id: string): string | undefined {
  const collections = Object.entries(KIND_OF_COLLECTION)
  const [collection] = collections.find(([, kind]) => id.startsWith(idPrefixOf(kind))) ?? []
  return collection === undefined ? undefined : `/v1/${collection}/${id}`
}

const NONE: readonly KeyedKind[] = []
/** The receipt of an operation is also that of a closing, and the slip of an opening of the drawer. */
const WITH_RECEIPT: readonly KeyedKind[] = ['operation', 'closing', 'drawer_opening']

/** The kinds of resource that `{id}` of a route template may be, the usual one first; empty without one. */
export function kindsInPath(template: string): readonly KeyedKind[] {
  if (template.startsWith('/v1/operations/{id}/receipt')) return WITH_RECEIPT
  const [, collection = ''] = /^\/v1\/([a-z-]+)\/\{id\}/.exec(template) ?? []
  const kind = Object.hasOwn(KIND_OF_COLLECTION, collection) ? KIND_OF_COLLECTION[collection] : undefined
  return kind === undefined ? NONE : [kind]
}
