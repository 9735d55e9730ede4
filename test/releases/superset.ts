/** JSON as a document has it. */
type Node = { readonly [member: string]: unknown }

/** What tills read may grow, and what they send may be taken more leniently: never the other way round. */
type Direction = 'answer' | 'request'

const [UPPER, LOWER] = [
  ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems', 'maxProperties'],
  ['minLength', 'minimum', 'exclusiveMinimum', 'minItems', 'minProperties'],
]

/** What of a former OpenAPI document a later one breaks, each with its place; empty for a superset. */
export function apiBreaks(former: unknown, today: unknown): string[] {
  const [before, now] = [nodeOf(former), nodeOf(today)]
  const comparison = new Comparison(before, now)
  return entries(before['paths']).flatMap(([path, methods]) =>
    entries(methods).flatMap(([method, operation]) => {
      const place = `${method.toUpperCase()} ${path}`
      const later = nodeOf(nodeOf(now['paths'])[path])[method]
      if (later === undefined) return [`${place}: is gone`]
      return comparison.operation(operation, nodeOf(later), place)
    }),
  )
}

/** The same for values that a former schema took: those of a configuration. */
export function inputBreaks(former: unknown, today: unknown): string[] {
  return new Comparison(nodeOf(former), nodeOf(today)).schema(nodeOf(former), nodeOf(today), 'request', '')
}

class Comparison {
  readonly #before: Node
  readonly #now: Node
  /** Pairs that are being compared, or were: schemas contain themselves. */
  readonly #seen = new Set<string>()

  constructor(before: Node, now: Node) {
    this.#before = before
    this.#now = now
  }

  operation(former: Node, today: Node, place: string): string[] {
    const id = today['operationId'] === former['operationId'] ? [] : [`${place}: has another operationId`]
    const isOpen = (way: unknown) =>
      list(today['security']).some((other) => JSON.stringify(other) === JSON.stringify(way))
    const keys = list(former['security']).every(isOpen) ? [] : [`${place}: takes a key no longer`]
    const body = this.#body(nodeOf(former['requestBody']), nodeOf(today['requestBody']), `${place} body`)
    return [...id, ...keys, ...this.#parameters(former, today, place), ...body, ...this.#answers(former, today, place)]
  }

  schema(former: Node, today: Node, direction: Direction, place: string): string[] {
    const refs = [direction, former['$ref'], today['$ref']].join(' ')
    if (isReference(former) && isReference(today)) {
      if (this.#seen.has(refs)) return []
      this.#seen.add(refs)
    }
    const [before, now] = [resolved(former, this.#before), resolved(today, this.#now)]
    const types = this.#types(before, now, direction, place)
    const forms = branches(before)
    if (forms !== undefined || branches(now) !== undefined) {
      const later = branches(now) ?? [now]
      return [...types, ...(forms ?? [before]).flatMap((form) => this.#form(form, later, direction, place))]
    }
    const values =
      direction === 'answer'
        ? lost(words(before), words(now) ?? words(before), `${place}: never has`)
        : [...refusedWords(before, now, place), ...limits(before, now, place)]
    const format = direction === 'answer' && before['format'] !== now['format'] ? [`${place}: has another format`] : []
    return [...types, ...values, ...format, ...this.#members(before, now, direction, place)]
  }

  #parameters(former: Node, today: Node, place: string): string[] {
    const named = (parameters: unknown, root: Node) =>
      new Map(
        list(parameters)
          .map((one) => resolved(one, root))
          .map((one) => [`${one['in']} ${one['name']}`, one]),
      )
    const [before, now] = [named(former['parameters'], this.#before), named(today['parameters'], this.#now)]
    const required = [...now].filter(
      ([name, one]) => one['required'] === true && before.get(name)?.['required'] !== true,
    )
    return [
      ...required.map(([name]) => `${place} ${name}: is required`),
      ...[...before].flatMap(([name, one]) => {
        const later = now.get(name)
        if (later === undefined) return [`${place} ${name}: is gone`]
        return this.schema(nodeOf(one['schema']), nodeOf(later['schema']), 'request', `${place} ${name}`)
      }),
    ]
  }

  #body(former: Node, today: Node, place: string): string[] {
    const [before, now] = [resolved(former, this.#before), resolved(today, this.#now)]
    const required = now['required'] === true && before['required'] !== true ? [`${place}: is required`] : []
    return [...required, ...this.#contents(before, now, 'request', place)]
  }

  #answers(former: Node, today: Node, place: string): string[] {
    const answers = nodeOf(today['responses'])
    return entries(former['responses']).flatMap(([status, answer]) => {
      const at = `${place} ${status}`
      if (answers[status] === undefined) return [`${at}: is gone`]
      const [before, now] = [resolved(answer, this.#before), resolved(nodeOf(answers[status]), this.#now)]
      const headers = lost(names(before['headers']), names(now['headers']), `${at}: has no header`)
      return [...headers, ...this.#contents(before, now, 'answer', at)]
    })
  }

  #contents(before: Node, now: Node, direction: Direction, place: string): string[] {
    const contents = nodeOf(now['content'])
    return entries(before['content']).flatMap(([type, content]) => {
      const later = contents[type]
      if (later === undefined) return [`${place} ${type}: is gone`]
      return this.schema(nodeOf(content['schema']), nodeOf(nodeOf(later)['schema']), direction, place)
    })
  }

  /** A form by the name of its schema, or any that has no break. */
  #form(form: Node, later: readonly Node[], direction: Direction, place: string): string[] {
    const same = later.find((other) => form['$ref'] !== undefined && other['$ref'] === form['$ref'])
    if (same !== undefined) return this.schema(form, same, direction, place)
    const tried = later.map((other) => new Comparison(this.#before, this.#now).schema(form, other, direction, place))
    return tried.some((breaks) => breaks.length === 0) ? [] : (tried.sort((a, b) => a.length - b.length)[0] ?? [])
  }

  #types(before: Node, now: Node, direction: Direction, place: string): string[] {
    const [former, today] = [typesOf(before, this.#before), typesOf(now, this.#now)]
    if (direction === 'request') return lost(former, today ?? former, `${place}: takes no`)
    if (former === undefined) return []
    return today === undefined ? [`${place}: may be anything`] : lost(today, former, `${place}: may be`)
  }

  #members(before: Node, now: Node, direction: Direction, place: string): string[] {
    const later = nodeOf(now['properties'])
    const own = entries(before['properties']).flatMap(([name, member]) => {
      const at = `${place}.${name}`
      return later[name] === undefined ? [`${at}: is gone`] : this.schema(member, nodeOf(later[name]), direction, at)
    })
    const [asked, asks] = [texts(before['required']), texts(now['required'])]
    const required =
      direction === 'answer' ? lost(asked, asks, `${place}: may have no`) : lost(asks, asked, `${place}: requires`)
    const others = ['items', 'additionalProperties'].flatMap((name) => {
      if (
        direction === 'request' &&
        name !== 'items' &&
        before[name] !== false &&
        now[name] === false &&
        isObject(before)
      )
        return [`${place}: takes no other members`]
      if (!isNode(before[name]) || !isNode(now[name])) return []
      return this.schema(before[name], now[name], direction, `${place}[]`)
    })
    return [...own, ...required, ...others]
  }
}

function refusedWords(before: Node, now: Node, place: string): string[] {
  const later = words(now)
  if (later === undefined) return []
  return words(before) === undefined
    ? [`${place}: takes only some words`]
    : lost(words(before), later, `${place}: takes no`)
}

function limits(before: Node, now: Node, place: string): string[] {
  const isNarrower = (name: string, isUpper: boolean): boolean => {
    const [former, today] = [before[name], now[name]]
    if (typeof today !== 'number') return false
    return typeof former !== 'number' || (isUpper ? today < former : today > former)
  }
  const narrower = [
    ...UPPER.filter((name) => isNarrower(name, true)),
    ...LOWER.filter((name) => isNarrower(name, false)),
  ]
  const other = ['pattern', 'format'].filter((name) => now[name] !== undefined && now[name] !== before[name])
  const left = JSON.stringify(now['default']) === JSON.stringify(before['default']) ? [] : ['default']
  return [...narrower, ...other, ...left].map((name) => `${place}: has another ${name}`)
}

/** Of each schema once: most are referred to often. */
const RESOLVED = new WeakMap<Node, Node>()

/** The schema with that of its reference, and all parts of it. */
function resolved(node: Node, root: Node): Node {
  const known = RESOLVED.get(node)
  if (known !== undefined) return known
  const whole = resolvedNow(node, root)
  RESOLVED.set(node, whole)
  return whole
}

function resolvedNow(node: Node, root: Node): Node {
  const { $ref, allOf, ...own } = node
  const parts = list(allOf).map((part) => resolved(part, root))
  const path = typeof $ref === 'string' ? $ref.split('/').slice(1) : undefined
  const target = path?.reduce<Node>((at, name) => nodeOf(at[name.replaceAll('~1', '/').replaceAll('~0', '~')]), root)
  const all = [...(target === undefined ? [] : [resolved(target, root)]), ...parts, own]
  const properties = Object.assign({}, ...all.map((part) => part['properties']))
  const required = [...new Set(all.flatMap((part) => texts(part['required'])))]
  const merged: Node = Object.assign({}, ...all)
  return {
    ...merged,
    ...(merged['properties'] !== undefined && { properties }),
    ...(required.length > 0 && { required }),
  }
}

/** True for a reference that says nothing more about the values. */
function isReference(node: Node): boolean {
  return node['$ref'] !== undefined && Object.keys(node).every((name) => name === '$ref' || name === 'description')
}

function branches(node: Node): readonly Node[] | undefined {
  const forms = node['oneOf'] ?? node['anyOf']
  return forms === undefined ? undefined : list(forms)
}

/** Undefined for any. An integer is a number. */
function typesOf(node: Node, root: Node): readonly string[] | undefined {
  const whole = resolved(node, root)
  const forms = branches(whole)?.map((form) => typesOf(form, root))
  if (forms !== undefined)
    return forms.some((types) => types === undefined) ? undefined : forms.flatMap((types) => types ?? [])
  if (whole['type'] === undefined) return words(whole)?.map((word) => (word === null ? 'null' : typeof word))
  return [whole['type']].flat().map((type) => (type === 'integer' ? 'number' : String(type)))
}

function words(node: Node): readonly unknown[] | undefined {
  if (node['const'] !== undefined) return [node['const']]
  return Array.isArray(node['enum']) ? node['enum'] : undefined
}

function lost(before: readonly unknown[] | undefined, now: readonly unknown[] | undefined, what: string): string[] {
  return [...new Set(before)].filter((one) => now?.includes(one) !== true).map((one) => `${what} ${String(one)}`)
}

function isObject(node: Node): boolean {
  return [node['type']].flat().includes('object')
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nodeOf(value: unknown): Node {
  return isNode(value) ? value : {}
}

function list(value: unknown): readonly Node[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function names(value: unknown): readonly string[] {
  return Object.keys(nodeOf(value))
}

function entries(value: unknown): readonly (readonly [string, Node])[] {
  return Object.entries(nodeOf(value)).map(([name, node]) => [name, nodeOf(node)] as const)
}
