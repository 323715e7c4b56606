/** What the rules of this folder work on. */

import type { Model } from '../../model/model.ts'
import type { CatalogTable } from '../catalog.ts'
import type { SourceOptions } from '../source-options.ts'

export interface DescribeOptions extends Pick<SourceOptions, 'tables' | 'prefix'> {
  /** `Model.source` of the models. */
  readonly source: string
  /** The database was opened for reading alone. */
  readonly isReadOnly: boolean
}

/** A table on its way to a model. */
export interface Draft {
  readonly table: CatalogTable
  readonly model: Model
}
