/** Started by `cutlayer run` for its runs. */

import { serveRuns } from '../lab/worker.ts';
import { catalogues } from './catalogues.ts';

serveRuns(catalogues);
