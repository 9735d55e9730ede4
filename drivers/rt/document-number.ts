/** A number of four digits at least, as printers write closures and documents. */
export const four = (value: number): string => String(value).padStart(4, '0')

/** `ZZZZ-NNNN`: the closure number as printed, and the document's. */
export const documentNumberOf = (z: number, number: number): string => `${four(z)}-${four(number)}`
