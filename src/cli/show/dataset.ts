/** A data set's shape and classes, where they are known without reading it. */

import type { DatasetEntry } from '../../contracts/dataset.ts';
import type { Details } from './description.ts';

export function datasetDetails({ shape, classes, classNames }: DatasetEntry): Details {
  const size = shape ? `${shape.join('×')} pixels in [0, 1], ${classes ?? '?'} classes` : 'known once it is read';
  return {
    document: { shape: shape ?? null, classes: classes ?? null, classNames: classNames ?? null },
    lines: [
      '',
      `Examples: ${size}.`,
      ...(classNames ? [`Classes: ${classNames.join(', ')}.`] : []),
      'In a configuration: data.train and data.test take the first examples of a split,',
      `data.dir (or --data-dir) your own files${shape ? ', of the same shape and classes' : ''}.`,
      '"cutlayer doctor" says whether it is there.',
    ],
  };
}
