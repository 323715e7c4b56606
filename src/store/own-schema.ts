/**
 * Our own tables on PostgreSQL: a schema instead of a prefix.
 *
 * Queries say `castellan_person` on every engine; this plugin makes
 * `castellan.person` of it. So nothing depends on the `search_path`, which a
 * pool in front of the server may not keep.
 */

import {
  IdentifierNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type PrimitiveValueListNode,
  type QueryResult,
  type RootOperationNode,
  type SchemableIdentifierNode,
  type UnknownRow,
  type ValueNode,
} from 'kysely'

/** What the names of our own tables begin with where they share a schema with others. */
export const OWN_PREFIX = 'castellan_'
/** Where our own tables are on PostgreSQL, under their names without the prefix. */
export const OWN_SCHEMA = 'castellan'

/** Maps every table `castellan_x` of a query to `castellan.x`. */
export const ownSchemaPlugin: KyselyPlugin = {
  transformQuery: ({ node }: PluginTransformQueryArgs): RootOperationNode => transformer.transformNode(node),
  transformResult: ({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> =>
    Promise.resolve(result),
}

class OwnSchemaTransformer extends OperationNodeTransformer {
  protected override transformSchemableIdentifier(node: SchemableIdentifierNode): SchemableIdentifierNode {
    const { name } = node.identifier
    if (node.schema || !name.startsWith(OWN_PREFIX)) return node
    return {
      ...node,
      schema: IdentifierNode.create(OWN_SCHEMA),
      identifier: IdentifierNode.create(name.slice(OWN_PREFIX.length)),
    }
  }

  protected override transformValue(node: ValueNode): ValueNode {
    return { ...node, value: withoutNul(node.value) }
  }

  protected override transformPrimitiveValueList(node: PrimitiveValueListNode): PrimitiveValueListNode {
    return { ...node, values: node.values.map(withoutNul) }
  }
}

const transformer = new OwnSchemaTransformer()

/** A text of PostgreSQL has no U+0000: what strangers type must find nothing, and not fail. */
function withoutNul(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value
}
