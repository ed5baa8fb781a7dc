// Package distribution holds the tests of what is shipped as a whole: that builder-config.yaml names exactly the
// components of this repository, that the built collector has them, and that it accepts every example configuration.
package distribution
