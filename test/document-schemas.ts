import { Ajv2020 } from 'ajv/dist/2020.js'
import { fullFormats } from 'ajv-formats/dist/formats.js'

/** Why a value does not fit; undefined if it does. */
export type Judge = (value: unknown) => string | undefined

const REFERENCE = '#/components/schemas/'
const DOCUMENT = 'openapi'

/** Compares values with the schemas of an OpenAPI document, by a reader that did not make it. */
export class DocumentSchemas {
  /** Refuses a keyword that it does not know. */
  readonly #ajv = new Ajv2020({ allowUnionTypes: true, formats: fullFormats, keywords: ['discriminator'] })
  readonly #judges = new Map<string, Judge>()

  /** `components`: the schemas of the document, by name. */
  constructor(components: object) {
    this.#ajv.addSchema({ $id: DOCUMENT, $defs: JSON.parse(referring(components)) })
  }

  /** Of a schema at any place of the document; equal ones are compiled once. */
  judge(schema: object): Judge {
    const text = referring(schema)
    const judge = this.#judges.get(text) ?? this.#compiled(text)
    this.#judges.set(text, judge)
    return judge
  }

  #compiled(text: string): Judge {
    const fits = this.#ajv.compile(JSON.parse(text))
    return (value) => (fits(value) ? undefined : this.#ajv.errorsText(fits.errors))
  }
}

/** With references into the document as a whole. */
function referring(schema: object): string {
  return JSON.stringify(schema).replaceAll(REFERENCE, `${DOCUMENT}#/$defs/`)
}
