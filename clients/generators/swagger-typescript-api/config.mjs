export default {
  // Literals are accepted where a name has an enumeration.
  enumStyle: 'union',
  // Free values are not `any`.
  codeGenConstructs: (constructs) => ({ ...constructs, Keyword: { ...constructs.Keyword, Any: 'unknown' } }),
}
