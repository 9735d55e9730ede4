export default {
  fiskalEdge: {
    input: '../../openapi.json',
    output: {
      target: 'generated/client.ts',
      schemas: 'generated/model',
      client: 'fetch',
      headers: true,
      baseUrl: { getBaseUrlFromSpecification: true },
    },
  },
}
