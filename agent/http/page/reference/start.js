/**
 * Opens the reference with a changed copy of the OpenAPI document. The document itself serves generators and importers,
 * which send every example.
 */

/** @typedef {{ name?: string, example?: unknown }} Parameter */
/** @typedef {{ security?: object[] }} Operation */
/**
 * @typedef {{
 *   tags: { name: string }[],
 *   paths: Record<string, Record<string, Operation>>,
 *   components: { parameters: Record<string, Parameter> },
 * }} OpenApi
 */

/** Headers for an office: a till has one merchant. */
const MERCHANT_HEADERS = ['X-OpenFiskal-Merchant', 'OpenFiskal-Organization']

/** The script before this one defines it. */
const { Scalar } = /** @type {{ Scalar: { createApiReference(place: string, settings: object): void } }} */ (
  /** @type {unknown} */ (globalThis)
)

/**
 * For the makers of tills: their operations come first, and each command that is shown carries the key of a register.
 * Nothing that is tried here is signed, unless the reader takes `Prefer: dry-run` away.
 * @param {OpenApi} document
 */
function forTills(document) {
  const { tags, paths, components } = document
  tags.sort((one, other) => Number(other.name === 'Operations') - Number(one.name === 'Operations'))
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) operation.security?.reverse()
  for (const parameter of Object.values(components.parameters)) {
    if (parameter.name === 'Prefer') parameter.example = 'dry-run'
    if (MERCHANT_HEADERS.includes(parameter.name ?? '')) delete parameter.example
  }
  return document
}

/**
 * Scalar does not support the exclusive limits of OpenAPI 3.1 and calls them wrong; the descriptions have them.
 * @param {string} name
 * @param {unknown} value
 */
function withoutExclusiveLimits(name, value) {
  return name.startsWith('exclusive') ? undefined : value
}

const answer = await fetch('/openapi-json')
// Scalar would take its content for a page that it has made.
document.querySelector('#reference')?.replaceChildren()
Scalar.createApiReference('#reference', {
  content: forTills(JSON.parse(await answer.text(), withoutExclusiveLimits)),
  servers: [{ url: location.origin }],
  // A shop's agent has no network, and asks no other host.
  telemetry: false,
  withDefaultFonts: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
  // The key is in no storage of the browser.
  persistAuth: false,
  authentication: { preferredSecurityScheme: 'RegisterKeyAuth' },
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  // Without it the first column of a table has one letter a line.
  customCss: '.markdown :is(td, th):first-child { white-space: nowrap }',
})
