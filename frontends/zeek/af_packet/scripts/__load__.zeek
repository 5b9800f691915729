# SPDX-License-Identifier: BSD-3-Clause
# Zeek loads this whenever the plugin is active.
@load ./init
