# Written by platformc; the next build overwrites changes.
terraform_binary             = "tofu"
terraform_version_constraint = ">= 1.8.8, < 2.0.0"
