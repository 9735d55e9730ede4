import type { Json } from '../../../base/canonical.ts'
import type { JsonObject } from '../../contract/json-schema.ts'
import { escapeHtml } from '../../receipts/xml.ts'
import { list, members, text, words } from './tree.ts'

/** Every component with its members; `typeOf` links to it. */
export function schemaSection(schemas: JsonObject): string {
  const parts = Object.entries(schemas).map(([name, schema]) => component(name, members(schema)))
  return `<h2 id="schemas">Schemas</h2>\n${parts.join('\n')}`
}

function component(name: string, schema: JsonObject): string {
  const parts = list(schema['allOf']).map(members)
  const bases = parts.filter((part) => part['$ref'] !== undefined)
  const inherited = bases.map((base) => `<p>The members of ${typeOf(base)}, and:</p>`).join('')
  // Only one of the parts has members here, the others refer to a base.
  const own = parts.find((part) => part['properties'] !== undefined) ?? schema
  return `<details id="schema-${escapeHtml(name)}"><summary><code>${escapeHtml(name)}</code></summary>
<p>${words(text(schema['description']))}</p>${inherited}${memberTable(own)}</details>`
}

function memberTable(schema: JsonObject): string {
  const required = new Set(list(schema['required']))
  const rows = Object.entries(members(schema['properties'])).map(([member, value]) => {
    const property = members(value)
    const need = required.has(member) ? 'required' : ''
    return `<tr><td><code>${escapeHtml(member)}</code></td><td>${need}</td><td>${describedType(property, property['description'])}</td></tr>`
  })
  return rows.length > 0 ? `<table class="members">${rows.join('')}</table>` : `<p>${typeOf(schema)}</p>`
}

/** A type and its description. */
export function describedType(schema: JsonObject, description: Json | undefined): string {
  const prose = words(text(description))
  return prose === '' ? typeOf(schema) : `${typeOf(schema)}. ${prose}`
}

/** A type in a few words of HTML. Inline objects are named by their members, one level deep. */
export function typeOf(schema: JsonObject): string {
  const reference = /^#\/components\/schemas\/(\w+)$/.exec(text(schema['$ref']))?.[1]
  if (reference !== undefined) return `<a href="#schema-${reference}">${reference}</a>`
  if (schema['const'] !== undefined) return `<code>${escapeHtml(JSON.stringify(schema['const']))}</code>`
  const values = list(schema['enum'])
  if (values.length > 0)
    return values.map((value) => `<code>${escapeHtml(JSON.stringify(value))}</code>`).join(' | ') + bounds(schema)
  const branches = [...list(schema['oneOf']), ...list(schema['anyOf'])]
  if (branches.length > 0) return branches.map((branch) => typeOf(members(branch))).join(' | ')
  const bases = list(schema['allOf'])
  if (bases.length > 0) return bases.map((base) => typeOf(members(base))).join(' and ')
  if (schema['type'] === 'array') return `array of ${typeOf(members(schema['items']))}${bounds(schema)}`
  const inline = Object.keys(members(schema['properties']))
  if (inline.length > 0) return `object { ${inline.map((name) => `<code>${escapeHtml(name)}</code>`).join(', ')} }`
  const pattern = text(schema['pattern'])
  const format = text(schema['format']) || (pattern === '' ? '' : `/${pattern}/`)
  return `${typeNames(schema['type'])}${format === '' ? '' : ` <code>${escapeHtml(format)}</code>`}${bounds(schema)}`
}

function typeNames(type: Json | undefined): string {
  return text(type) || list(type).map(text).join(' | ') || 'any'
}

/** The limits of a value, and its default. */
function bounds(schema: JsonObject): string {
  const taken = schema['default']
  return [
    range(schema['minLength'], schema['maxLength'], ' characters'),
    range(schema['minItems'], schema['maxItems'], ' entries'),
    range(schema['minimum'], schema['maximum'], ''),
    typeof taken === 'object' || taken === undefined ? '' : `, default ${escapeHtml(JSON.stringify(taken))}`,
  ].join('')
}

function range(least: Json | undefined, most: Json | undefined, unit: string): string {
  // The limits of a double apply to each integer: they are not shown.
  const isBounded = typeof most === 'number' && most < Number.MAX_SAFE_INTEGER
  if (typeof least !== 'number' || least <= Number.MIN_SAFE_INTEGER) return isBounded ? `, at most ${most}${unit}` : ''
  return isBounded ? `, ${least} to ${most}${unit}` : `, at least ${least}${unit}`
}
