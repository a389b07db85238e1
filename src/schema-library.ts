/** The one place that names the library of schemas: what is checked and published with it goes through here. */
export { z } from 'zod';
